#include "sms/autofill.hpp"

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "crypto/legacy_mac.hpp"
#include "sms/segments.hpp"

#include <algorithm>
#include <stdexcept>

namespace smsauth::sms {

namespace {

constexpr std::size_t longest_host = 253;  // RFC 1035 section 2.3.4, as text
constexpr std::size_t longest_label = 63;

bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Infra Standard: tab, line feed, form feed, carriage return and blank.
bool is_ascii_whitespace(char c) noexcept {
  return c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

std::string_view without_line_ends(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

/// "extract a marked token": `marker` and all that is not white space behind it, taken off `rest`.
std::optional<std::string> take_token(std::string_view& rest, char marker) {
  if (rest.empty() || rest.front() != marker) return std::nullopt;
  const auto end = std::find_if(rest.begin() + 1, rest.end(), is_ascii_whitespace);
  std::string token(rest.begin() + 1, end);
  rest.remove_prefix(token.size() + 1);
  if (token.empty()) return std::nullopt;
  return token;
}

}  // namespace

bool is_autofill_host(std::string_view host) noexcept {
  if (host.empty() || host.size() > longest_host) return false;
  for (bool last = false; !last;) {
    const std::size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    const bool fine = !label.empty() && label.size() <= longest_label && label.front() != '-' && label.back() != '-' &&
                      std::all_of(label.begin(), label.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
    if (!fine) return false;
    last = dot == std::string_view::npos;
    if (!last) host.remove_prefix(dot + 1);
  }
  return true;
}

std::string with_origin_bound_code(std::string_view text, const origin_bound_code& what) {
  if (!is_autofill_host(what.host) || (!what.embedded.empty() && !is_autofill_host(what.embedded)))
    throw std::invalid_argument("an autofill host is no host name");
  if (what.code.empty() || std::any_of(what.code.begin(), what.code.end(), is_ascii_whitespace))
    throw std::invalid_argument("a code with white space cannot be filled in");
  std::string message(without_line_ends(text));
  if (!message.empty()) message += "\n\n";
  message.append(1, '@').append(what.host).append(" #").append(what.code);
  if (!what.embedded.empty()) message.append(" %").append(what.embedded);
  return message;
}

std::optional<origin_bound_code> parse_origin_bound_code(std::string_view message) {
  // CR LF, CR and LF all end a line.
  const std::size_t before = message.find_last_of("\r\n");
  std::string_view line = before == std::string_view::npos ? message : message.substr(before + 1);
  auto host = take_token(line, '@');
  if (!host || line.empty() || line.front() != ' ') return std::nullopt;
  line.remove_prefix(1);
  auto code = take_token(line, '#');
  if (!code) return std::nullopt;
  origin_bound_code found{std::move(*host), std::move(*code), {}};
  if (!line.empty() && line.front() == ' ') {
    line.remove_prefix(1);
    found.embedded = take_token(line, '%').value_or("");
  }
  return found;
}

std::string android_app_hash(std::string_view package, std::string_view certificate_der) {
  const std::string named = std::string(package).append(1, ' ').append(crypto::to_hex(certificate_der));
  return crypto::base64(crypto::hash(crypto::digest_name::sha256, named)).substr(0, android_hash_length);
}

bool is_android_app_hash(std::string_view text) noexcept {
  return text.size() == android_hash_length &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '+' || c == '/'; });
}

bool fits_sms_retriever(std::string_view text) {
  const segment_count count = count_segments(text);
  const std::size_t bytes = count.encoding == sms_encoding::ucs2 ? 2 * count.units : count.units;
  return bytes <= sms_retriever_bytes;
}

std::string autofill_text(std::string_view text, std::string_view code, const autofill_settings& settings) {
  const auto with_host = [&](std::string_view before) {
    if (settings.host.empty()) return std::string(before);
    return with_origin_bound_code(before, {settings.host, std::string(code), settings.embedded});
  };
  if (settings.android_hash.empty()) return with_host(text);
  if (!is_android_app_hash(settings.android_hash)) throw std::invalid_argument("an app hash has 11 characters");
  const std::string hashed = std::string(without_line_ends(text)).append(1, '\n').append(settings.android_hash);
  std::string whole = with_host(hashed);
  return fits_sms_retriever(whole) ? whole : with_host(text);
}

}  // namespace smsauth::sms
