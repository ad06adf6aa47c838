// multipart/form-data, strictly: what a browser or an HTTP library sends, nothing that two readers could take two ways.
#include "http/form.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <optional>

namespace smsauth::http {

namespace {

constexpr std::size_t max_boundary_length = 70;  // RFC 2046 section 5.1.1
constexpr std::size_t max_part_fields = 8;       // a part of ours needs one; libraries send up to four
constexpr std::string_view end_of_line = "\r\n";

/// bchars of RFC 2046 section 5.1.1; a blank is allowed inside.
constexpr character_set boundary_characters = make_character_set([](char c) {
  return is_digit(c) || is_alpha(c) || std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
});

bool is_boundary(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_boundary_length && text.back() != ' ' &&
         consists_of(text, boundary_characters);
}

/// Takes the line before the next CRLF off `rest`. Nothing when there is none or it holds a control character.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find(end_of_line);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  if (std::any_of(line.begin(), line.end(), [](char c) { return is_control(c) && c != '\t'; })) return std::nullopt;
  rest.remove_prefix(end + end_of_line.size());
  return line;
}

/// The name of a part from its Content-Disposition. Files are refused: no route takes one; "filename*" is forbidden
/// here (RFC 7578 section 4.2).
std::optional<std::string> part_name(std::string_view disposition) {
  if (media_type(disposition) != "form-data") return std::nullopt;
  const auto parameters = parameters_of(disposition);
  if (!parameters) return std::nullopt;
  for (const std::string_view refused : {"filename", "filename*", "name*"})
    if (find_parameter(*parameters, refused)) return std::nullopt;
  const auto name = find_parameter(*parameters, "name");
  if (!name || name->empty() || !is_utf8(*name)) return std::nullopt;
  return std::string(*name);
}

/// A part is text as it stands: another encoding would be a second way to spell a value.
bool is_plain_encoding(std::string_view value) {
  return equal_ignoring_case(value, "7bit") || equal_ignoring_case(value, "8bit") ||
         equal_ignoring_case(value, "binary");
}

/// Takes the fields of a part, up to its blank line, off `rest` and returns the part's name.
std::optional<std::string> take_part_head(std::string_view& rest) {
  std::optional<std::string> name;
  for (std::size_t count = 0; count <= max_part_fields; ++count) {
    const auto line = take_line(rest);
    if (!line) return std::nullopt;
    if (line->empty()) return name;
    const auto colon = line->find(':');
    if (colon == std::string_view::npos || !is_token(line->substr(0, colon))) return std::nullopt;
    const std::string_view field = line->substr(0, colon);
    const std::string_view value = trimmed(line->substr(colon + 1));
    if (equal_ignoring_case(field, "Content-Disposition")) {
      if (name) return std::nullopt;
      name = part_name(value);
      if (!name) return std::nullopt;
    } else if (equal_ignoring_case(field, "Content-Transfer-Encoding")) {
      if (!is_plain_encoding(value)) return std::nullopt;
    } else if (equal_ignoring_case(field, "Content-Type")) {
      const std::string encoding = charset(value);
      if (!encoding.empty() && encoding != "utf-8" && encoding != "us-ascii") return std::nullopt;
    }
  }
  return std::nullopt;
}

enum class after_delimiter { part, end, broken };

/// What follows a delimiter: CRLF and a part, or "--" and the end of the body.
after_delimiter take_delimiter_end(std::string_view& rest) {
  if (rest.starts_with(end_of_line)) {
    rest.remove_prefix(end_of_line.size());
    return after_delimiter::part;
  }
  if (!rest.starts_with("--")) return after_delimiter::broken;
  rest.remove_prefix(2);
  return rest.empty() || rest == end_of_line ? after_delimiter::end : after_delimiter::broken;
}

}  // namespace

core::result<form_fields> parse_multipart(std::string_view body, std::string_view content_type,
                                          std::size_t max_fields) {
  constexpr auto malformed = core::errc::malformed_request;
  if (media_type(content_type) != "multipart/form-data") return malformed;
  const auto parameters = parameters_of(content_type);
  if (!parameters) return malformed;
  const std::string_view boundary = find_parameter(*parameters, "boundary").value_or(std::string_view());
  if (!is_boundary(boundary)) return malformed;

  std::string delimiter = "\r\n--";
  delimiter += boundary;
  // The first delimiter needs no CRLF before it. No preamble: there is no client that sends one.
  const std::string_view first = std::string_view(delimiter).substr(end_of_line.size());
  if (body.starts_with(end_of_line)) body.remove_prefix(end_of_line.size());
  if (!body.starts_with(first)) return malformed;
  body.remove_prefix(first.size());

  form_fields fields;
  for (;;) {
    const after_delimiter next = take_delimiter_end(body);
    if (next == after_delimiter::broken) return malformed;
    if (next == after_delimiter::end) return fields;
    if (fields.size() == max_fields) return malformed;
    auto name = take_part_head(body);
    if (!name) return malformed;
    // An empty value has its delimiter's CRLF right behind the blank line.
    const auto end = body.find(delimiter);
    if (end == std::string_view::npos) return malformed;
    const std::string_view value = body.substr(0, end);
    if (value.find('\0') != std::string_view::npos || !is_utf8(value)) return malformed;
    body.remove_prefix(end + delimiter.size());
    fields.emplace_back(std::move(*name), std::string(value));
  }
}

}  // namespace smsauth::http
