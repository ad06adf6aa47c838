#include "http/form.hpp"

#include "http/syntax.hpp"

#include <algorithm>

namespace smsauth::http {

namespace {

/// A name or value of an urlencoded form.
std::optional<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<std::string> decode_form_text(std::string_view text) {
  auto out = decode(text, true);
  if (out && (out->find('\0') != std::string::npos || !is_utf8(*out))) return std::nullopt;
  return out;
}

/// Takes the text before the next ";" outside quotes off `rest`.
std::string_view take_parameter(std::string_view& rest) {
  std::size_t end = 0;
  for (bool quoted = false; end < rest.size() && (quoted || rest[end] != ';'); ++end)
    if (rest[end] == '"') quoted = !quoted;
  const std::string_view parameter = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(parameter);
}

/// A parameter's value without its quotes. Escapes are refused: no value of ours needs one.
std::optional<std::string_view> unquoted(std::string_view value) {
  const bool quoted = value.starts_with('"');
  if (quoted) {
    if (value.size() < 2 || !value.ends_with('"')) return std::nullopt;
    value = value.substr(1, value.size() - 2);
  }
  const bool plain = std::all_of(value.begin(), value.end(), [quoted](char c) {
    if (is_control(c) || c == '"' || c == '\\') return false;
    // Unquoted means a token; clients also leave a boundary with "=" or "/" bare.
    return quoted || (!is_blank(c) && c != ',' && static_cast<unsigned char>(c) < 0x80);
  });
  if (!plain || (!quoted && value.empty())) return std::nullopt;
  return value;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

}  // namespace

core::result<form_fields> parse_urlencoded(std::string_view text, std::size_t max_fields) {
  form_fields fields;
  while (!text.empty()) {
    const auto ampersand = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, ampersand);
    text.remove_prefix(std::min(ampersand + 1, text.size()));
    if (pair.empty()) continue;
    if (fields.size() == max_fields) return core::errc::malformed_request;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decode_form_text(pair.substr(0, equals));
    auto value = decode_form_text(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return core::errc::malformed_request;
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return fields;
}

std::string media_type(std::string_view content_type) {
  return lower(trimmed(content_type.substr(0, content_type.find(';'))));
}

std::optional<field_parameters> parameters_of(std::string_view field_value) {
  field_parameters found;
  std::string_view rest = field_value.substr(std::min(field_value.find(';'), field_value.size()));
  while (!rest.empty()) {
    const std::string_view parameter = take_parameter(rest);
    if (parameter.empty()) continue;
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = parameter.substr(0, equals);
    const auto value = unquoted(parameter.substr(equals + 1));
    if (!is_token(name) || !value || find_parameter(found, name)) return std::nullopt;
    found.emplace_back(name, *value);
  }
  return found;
}

std::optional<std::string_view> find_parameter(const field_parameters& parameters, std::string_view name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [name](const auto& parameter) { return equal_ignoring_case(parameter.first, name); });
  if (found == parameters.end()) return std::nullopt;
  return found->second;
}

std::string charset(std::string_view content_type) {
  const auto parameters = parameters_of(content_type);
  if (!parameters) return "invalid";
  return lower(find_parameter(*parameters, "charset").value_or(std::string_view()));
}

std::optional<std::string> percent_decoded(std::string_view text) {
  return decode(text, false);
}

bool is_utf8(std::string_view text) noexcept {
  // RFC 3629 section 4: the second octet's range rules out overlong forms, surrogates and values over U+10FFFF.
  const auto octet = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char lead = octet(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    std::size_t more = 0;
    unsigned low = 0x80;
    unsigned high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
      more = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      more = 2;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      more = 3;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return false;
    }
    if (text.size() - i <= more || octet(i + 1) < low || octet(i + 1) > high) return false;
    for (std::size_t j = 2; j <= more; ++j)
      if (octet(i + j) < 0x80 || octet(i + j) > 0xBF) return false;
    i += more + 1;
  }
  return true;
}

}  // namespace smsauth::http
