#include "app/option_values.hpp"

#include "core/phone_number.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace smsauth::app {
namespace {

constexpr std::size_t max_text_bytes = 1024;
constexpr std::size_t max_printed_bytes = 80;
constexpr std::size_t max_prefix_bytes = 64;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
bool is_control(unsigned char c) noexcept {
  return c < 0x20 || c == 0x7f;
}

/// Bytes of the UTF-8 sequence that `text` begins with; 0 = not UTF-8 (RFC 3629 section 4), or a C1 control.
std::size_t sequence_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first == 0xC2 && byte(1) < 0xA0) return 0;  // U+0080 to U+009F
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F)) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) return 0;
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  const auto port = parse_integer(text);
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

/// "host", "host:443", "[::1]:443": a host in lower case and, if given, a port from 1.
bool is_url_authority(std::string_view text) {
  const std::size_t colon = text.starts_with('[') ? text.find("]:") : text.find(':');
  std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::size_t skip = text.starts_with('[') ? 2 : 1;
    if (text.starts_with('[')) host = text.substr(0, colon + 1);
    const auto port = parse_port(text.substr(colon + skip));
    if (!port || *port == 0) return false;
  }
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return false;
    boost::system::error_code error;
    boost::asio::ip::make_address_v6(std::string(host.substr(1, host.size() - 2)), error);
    return !error;
  }
  return !host.empty() && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '.'; });
}

std::string_view without_scheme(std::string_view url) noexcept {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) return url.substr(scheme.size());
  }
  return {};
}

bool is_segment_character(char c) noexcept {
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

/// "/a/b.c": no empty segment, none that is "." or "..".
bool is_plain_path(std::string_view path) noexcept {
  while (!path.empty()) {
    if (path.front() != '/') return false;
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (!std::all_of(segment.begin(), segment.end(), is_segment_character)) return false;
    path.remove_prefix(segment.size());
  }
  return true;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_plain_text(std::string_view text) noexcept {
  if (text.size() > max_text_bytes) return false;
  while (!text.empty()) {
    if (is_control(static_cast<unsigned char>(text.front()))) return false;
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::optional<listen_address> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed) return std::nullopt;
  return listen_address{address, *port};
}

bool is_public_url(std::string_view text) {
  const std::string_view rest = without_scheme(text);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  return is_url_authority(authority) && is_plain_path(rest.substr(authority.size()));
}

bool is_origin(std::string_view text) {
  return is_url_authority(without_scheme(text));
}

bool is_path_prefix(std::string_view text) noexcept {
  if (text.size() < 2 || text.size() > max_prefix_bytes || !is_plain_path(text)) return false;
  return text != "/api" && !text.starts_with("/api/");
}

bool is_country(std::string_view text) {
  if (text == "all") return true;
  const auto& known = core::known_countries();
  return std::any_of(known.begin(), known.end(),
                     [&](const core::country_entry& entry) { return entry.region == text; });
}

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.find_first_not_of(' ') == std::string_view::npos) return parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    std::string_view part = text.substr(0, end);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    part = part.substr(0, part.find_last_not_of(' ') + 1);
    parts.emplace_back(part);
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string printable(std::string_view text) {
  std::string out(text.substr(0, max_printed_bytes));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return is_control(static_cast<unsigned char>(c)); }, '?');
  return out;
}

}  // namespace smsauth::app
