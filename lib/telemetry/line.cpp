#include "telemetry/line.hpp"

#include "core/error.hpp"
#include "telemetry/escape.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <ctime>
#include <variant>

namespace smsauth::telemetry {

namespace {

constexpr std::size_t decimal_digits = 20;  // of the longest std::int64_t with its sign

std::string_view name_of(log_level level) noexcept {
  switch (level) {
    case log_level::debug:
      return "debug";
    case log_level::info:
      return "info";
    case log_level::warning:
      return "warning";
    case log_level::error:
      return "error";
  }
  return "unknown";
}

void append_number(std::string& out, std::int64_t value) {
  std::array<char, decimal_digits> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_three_digits(std::string& out, std::int64_t value) {
  out += static_cast<char>('0' + value / 100 % 10);
  out += static_cast<char>('0' + value / 10 % 10);
  out += static_cast<char>('0' + value % 10);
}

/// RFC 3339 in UTC. The seconds are formatted once per second and thread.
void append_time(std::string& out, line::clock::time_point time) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto second = std::chrono::floor<std::chrono::seconds>(since_epoch);
  constexpr std::size_t text_bytes = sizeof "2026-11-21T10:00:00";
  thread_local std::time_t cached_second = -1;
  thread_local std::array<char, text_bytes> cached_text{};
  if (second.count() != cached_second) {
    cached_second = second.count();
    std::tm parts{};
    gmtime_r(&cached_second, &parts);
    std::strftime(cached_text.data(), cached_text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  }
  out.append(cached_text.data());
  out += '.';
  append_three_digits(out, (since_epoch - second).count());
  out += 'Z';
}

/// May stand in a text line without quotes.
bool is_bare(std::string_view value) noexcept {
  return !value.empty() && value.size() <= max_value_bytes && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '=';
  });
}

}  // namespace

line::line(std::string& out, log_format format, clock::time_point time, log_level level, std::string_view what)
    : out_(out), format_(format) {
  out_.clear();
  if (format_ == log_format::json) {
    out_ += R"({"time":")";
    append_time(out_, time);
    out_ += R"(","level":")";
    out_ += name_of(level);
    out_ += R"(","event":")";
    append_escaped(out_, what);
    out_ += '"';
  } else {
    append_time(out_, time);
    out_ += ' ';
    out_ += name_of(level);
    out_ += ' ';
    append_escaped(out_, what);
  }
}

void line::begin_field(std::string_view name) {
  if (format_ == log_format::json) {
    out_ += ",\"";
    append_escaped(out_, name);
    out_ += "\":";
  } else {
    out_ += ' ';
    append_escaped(out_, name);
    out_ += '=';
  }
}

void line::add(std::string_view name, std::string_view value) {
  begin_field(name);
  if (format_ == log_format::text && is_bare(value)) {
    out_ += value;
    return;
  }
  out_ += '"';
  append_escaped(out_, value);
  out_ += '"';
}

void line::add(std::string_view name, std::int64_t value) {
  begin_field(name);
  append_number(out_, value);
}

void line::add(std::string_view name, bool value) {
  begin_field(name);
  out_ += value ? "true" : "false";
}

void line::add_ms(std::string_view name, std::int64_t microseconds) {
  begin_field(name);
  const std::int64_t us = std::max<std::int64_t>(microseconds, 0);  // a clock that was set back makes no negative time
  append_number(out_, us / 1000);
  out_ += '.';
  append_three_digits(out_, us % 1000);
}

void line::finish() {
  if (format_ == log_format::json) out_ += '}';
}

bool is_busy(const event& request) noexcept {
  return request.outcome == core::to_string(core::errc::busy);
}

log_level level_of(const event& request) noexcept {
  if (request.quiet) return log_level::debug;
  constexpr int internal = 500;
  constexpr int unavailable = 503;
  if (request.outcome == core::to_string(core::errc::gateway_failed)) return log_level::warning;
  if (request.status == unavailable && !is_busy(request)) return log_level::warning;
  // A dialect may say by 500 what others say by 400; without an outcome of its own it is our fault.
  const bool told = request.outcome != "ok" && request.outcome != core::to_string(core::errc::internal);
  return request.status == internal && !told ? log_level::error : log_level::info;
}

void write_line(std::string& out, log_format format, line::clock::time_point time, log_level level,
                std::string_view what, std::initializer_list<field> fields) {
  line text(out, format, time, level, what);
  for (const field& f : fields) {
    std::visit([&text, &f](const auto& value) { text.add(f.name, value); }, f.value);
  }
  text.finish();
}

void write_line(std::string& out, log_format format, line::clock::time_point time, const event& request) {
  line text(out, format, time, level_of(request), "request");
  text.add("id", request.request_id);
  text.add("dialect", request.dialect);
  text.add("method", request.method);
  text.add("route", request.route);
  text.add("status", std::int64_t{request.status});
  text.add("outcome", request.outcome);
  text.add_ms("ms", request.duration_us);
  if (!request.purpose.empty()) text.add("purpose", request.purpose);
  if (!request.client.empty()) text.add("client", request.client);
  if (!request.masked_phone.empty()) text.add("phone", request.masked_phone);
  if (!request.phone_hash.empty()) text.add("phone_hash", request.phone_hash);
  text.finish();
}

}  // namespace smsauth::telemetry
