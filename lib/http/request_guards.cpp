#include "http/request_guards.hpp"

#include "http/syntax.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

namespace smsauth::http {

namespace {

constexpr std::size_t max_port_digits = 5;
constexpr std::string_view end_of_line = "\r\n";

constexpr refusal bad_field{400, "bad_field"};
constexpr refusal bad_host{400, "bad_host"};
constexpr refusal bad_framing{400, "bad_framing"};
constexpr refusal body_too_large{413, "body_too_large"};
constexpr refusal unknown_expectation{417, "expectation_failed"};
constexpr refusal header_too_large{431, "header_too_large"};

constexpr character_set value_characters = make_character_set([](char c) { return !is_control(c) || c == '\t'; });
constexpr character_set host_characters =
    make_character_set([](char c) { return is_digit(c) || is_alpha(c) || c == '.' || c == '-' || c == '_'; });
constexpr character_set address_characters =
    make_character_set([](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });

struct framing_fields {
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t encodings = 0;
};

/// Digits alone (RFC 9110 section 8.6), which from_chars takes no sign or blank in for an unsigned type.
std::optional<std::uint64_t> parse_length(std::string_view value) {
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return std::nullopt;
  std::uint64_t length = 0;
  const auto error = std::from_chars(value.data(), value.data() + value.size(), length).ec;
  // A number over 64 bits is a number: too large, not malformed.
  return error == std::errc() ? length : std::numeric_limits<std::uint64_t>::max();
}

std::optional<refusal> check_field(std::string_view name, std::string_view value, framing_fields& seen,
                                   request_head& out) {
  if (equal_ignoring_case(name, "Host")) {
    if (++seen.hosts > 1 || !is_host(value)) return bad_host;
  } else if (equal_ignoring_case(name, "Content-Length")) {
    const auto length = parse_length(value);
    if (++seen.lengths > 1 || !length) return bad_framing;
    out.content_length = *length;
  } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
    if (++seen.encodings > 1 || !equal_ignoring_case(value, "chunked")) return bad_framing;
    out.chunked = true;
  } else if (equal_ignoring_case(name, "Expect") && out.line.http_1_1) {
    if (!equal_ignoring_case(value, "100-continue")) return unknown_expectation;
    out.expects_continue = true;
  }
  return std::nullopt;
}

}  // namespace

header_scan::state header_scan::find_end(std::string_view input) noexcept {
  while (seen_ < input.size()) {
    const auto* found = static_cast<const char*>(std::memchr(input.data() + seen_, '\n', input.size() - seen_));
    if (found == nullptr) break;
    const auto at = static_cast<std::size_t>(found - input.data());
    if (at == 0 || input[at - 1] != '\r') return state::bare_line_feed;
    const bool blank_line = at - line_begin_ == 1;
    seen_ = at + 1;
    line_begin_ = seen_;
    if (blank_line) return state::complete;
  }
  seen_ = input.size();
  return state::incomplete;
}

std::optional<refusal> check_head(std::string_view block, const core::http_limits& limits, request_head& out) {
  const auto first_end = block.find(end_of_line);
  if (auto refused = parse_request_line(block.substr(0, first_end), limits.target_bytes, out.line)) return refused;

  framing_fields seen;
  std::size_t count = 0;
  std::string_view rest = block.substr(first_end + end_of_line.size());
  for (;;) {
    const auto end = rest.find(end_of_line);
    if (end == 0) break;  // the blank line; header_scan saw it
    std::string_view name;
    std::string_view value;
    if (!split_field(rest.substr(0, end), name, value)) return bad_field;
    if (++count > max_header_fields) return header_too_large;
    if (auto refused = check_field(name, value, seen, out)) return refused;
    rest.remove_prefix(end + end_of_line.size());
  }
  if (out.line.http_1_1 && seen.hosts == 0) return bad_host;
  // RFC 9112 section 6.1: both lengths, or chunked on HTTP/1.0, is what request smuggling looks like.
  if (out.chunked && (seen.lengths > 0 || !out.line.http_1_1)) return bad_framing;
  if (out.content_length > body_limit(out.line.path, limits)) return body_too_large;
  return std::nullopt;
}

std::size_t body_limit(std::string_view path, const core::http_limits& limits) noexcept {
  constexpr std::string_view receipts = "/receipts/";
  return path.starts_with(receipts) ? std::max(limits.body_bytes, limits.receipts_body_bytes) : limits.body_bytes;
}

refusal refuse_long_head(std::string_view begin_of_block, const core::http_limits& limits, request_head& out) {
  const auto first_end = std::min(begin_of_block.find(end_of_line), begin_of_block.size());
  const auto refused = parse_request_line(begin_of_block.substr(0, first_end), limits.target_bytes, out.line);
  return refused && refused->status == 414 ? *refused : header_too_large;
}

bool split_field(std::string_view line, std::string_view& name, std::string_view& value) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  name = line.substr(0, colon);
  value = trimmed(line.substr(colon + 1));
  return is_token(name) && is_field_value(value);
}

bool is_field_value(std::string_view text) noexcept {
  return consists_of(text, value_characters);
}

bool is_host(std::string_view value) noexcept {
  std::string_view port;
  if (value.starts_with('[')) {
    const auto close = value.find(']');
    if (close == std::string_view::npos) return false;
    const std::string_view address = value.substr(1, close - 1);
    if (address.find(':') == std::string_view::npos || !consists_of(address, address_characters)) return false;
    port = value.substr(close + 1);
  } else {
    const auto colon = std::min(value.find(':'), value.size());
    if (colon == 0 || !consists_of(value.substr(0, colon), host_characters)) return false;
    port = value.substr(colon);
  }
  if (port.empty()) return true;
  if (!port.starts_with(':') || port.size() > 1 + max_port_digits) return false;
  return std::all_of(port.begin() + 1, port.end(), is_digit);
}

}  // namespace smsauth::http
