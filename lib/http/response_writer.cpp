#include "http/response_writer.hpp"

#include "http/http_status.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <stdexcept>
#include <utility>

namespace smsauth::http {

namespace {

constexpr std::string_view end_of_line = "\r\n";
constexpr std::size_t fixed_text_bytes = 384;  ///< more than all names, numbers and line ends written below

constexpr std::array<std::string_view, 7> week_days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_number(std::string& out, std::integral auto number) {
  std::array<char, 20> digits;  // of any 64-bit number
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_padded(std::string& out, int number, int width) {
  const std::string digits = std::to_string(number);
  const auto length = static_cast<int>(digits.size());
  out.append(static_cast<std::size_t>(std::max(0, width - length)), '0');
  out += digits;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += end_of_line;
}

void require_harmless(std::string_view name, std::string_view value) {
  const bool breaks = std::any_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; });
  if (breaks || !is_token(name)) throw std::logic_error("a field of a reply holds a control character");
}

/// At least the octets of the whole reply.
std::size_t size_bound(const response& reply, const reply_frame& frame) noexcept {
  constexpr std::size_t around_a_field = 4;
  std::size_t size = fixed_text_bytes + frame.common.size() + frame.request_id.size() + reply.content_type.size() +
                     reply.fixed_fields.size() + reply.body.size();
  for (const auto& [name, value] : reply.headers)
    size += name.size() + value.size() + around_a_field;
  return size;
}

/// RFC 9110 section 6.4.1: these end after the fields, whatever the fields say.
bool never_has_body(int status) noexcept {
  return status == 204 || status == 304;
}

}  // namespace

void field_lines::add(std::string_view name, std::string_view value) {
  require_harmless(name, value);
  append_field(text_, name, value);
}

common_fields::common_fields(std::string server_name) : server_name_(std::move(server_name)) {}

const std::string& common_fields::at(std::time_t now) {
  if (now == second_) return text_;
  text_.clear();
  append_field(text_, "Server", server_name_);
  append_field(text_, "Date", http_date(now));
  second_ = now;
  return text_;
}

void write_response(std::string& out, const response& reply, const reply_frame& frame) {
  for (const auto& [name, value] : reply.headers)
    require_harmless(name, value);
  out.reserve(out.size() + size_bound(reply, frame));  // nothing below throws
  const bool body_allowed = !never_has_body(reply.status);
  out += "HTTP/1.1 ";
  append_number(out, reply.status);
  out += ' ';
  out += reason_phrase(reply.status);
  out += end_of_line;
  out += frame.common;
  if (body_allowed) {
    append_field(out, "Content-Type", reply.content_type);
    out += "Content-Length: ";
    append_number(out, reply.body.size());
    out += end_of_line;
  }
  if (!reply.cacheable) out += "Cache-Control: no-store\r\n";
  out += "X-Content-Type-Options: nosniff\r\n";
  if (!frame.request_id.empty()) append_field(out, "X-Request-Id", frame.request_id);
  if (reply.retry_after_seconds > 0) {
    out += "Retry-After: ";
    append_number(out, reply.retry_after_seconds);
    out += end_of_line;
  }
  for (const auto& [name, value] : reply.headers)
    append_field(out, name, value);
  out += reply.fixed_fields;
  if (frame.connection == connection_option::close) out += "Connection: close\r\n";
  if (frame.connection == connection_option::keep_alive) out += "Connection: keep-alive\r\n";
  out += end_of_line;
  if (body_allowed && !frame.head) out += reply.body;
}

std::string http_date(std::time_t time) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::string out(week_days[static_cast<std::size_t>(parts.tm_wday)]);
  out += ", ";
  append_padded(out, parts.tm_mday, 2);
  out += ' ';
  out += months[static_cast<std::size_t>(parts.tm_mon)];
  out += ' ';
  append_padded(out, parts.tm_year + 1900, 4);
  out += ' ';
  append_padded(out, parts.tm_hour, 2);
  out += ':';
  append_padded(out, parts.tm_min, 2);
  out += ':';
  append_padded(out, parts.tm_sec, 2);
  out += " GMT";
  return out;
}

}  // namespace smsauth::http
