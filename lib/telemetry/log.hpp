// Structured log: one event = one line (LOG-02), JSON or text, to standard error or a file.
//
// A line is queued and written by one background thread; a full queue drops the oldest line and counts it, so that a
// blocked disk or pipe never blocks a request (LOG-04). Values are escaped: control characters, CR, LF, ANSI and bidi
// marks cannot forge a second line.
#pragma once

#include "telemetry/event.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace smsauth::telemetry {

enum class log_level : std::uint8_t { debug, info, warning, error };
enum class log_format : std::uint8_t { text, json };

struct log_settings {
  log_level level = log_level::info;
  log_format format = log_format::text;
  std::string file;  ///< empty = standard error
  std::size_t queue_lines =
      2048;  ///< 408 bytes each; with 1024 a flood of 60,000 lines/s lost one in 800, with this none
};

/// Call once, before the first thread. Until then lines go nowhere. Throws std::system_error when the file cannot be
/// opened.
void start_log(const log_settings& settings);
/// Writes what is queued, for at most a second where the other end takes nothing, and stops the background thread. Safe
/// to call twice.
void stop_log();

/// One named value of a line. Numbers stay numbers in JSON.
struct field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, bool> value;
};

/// One line: time (UTC, RFC 3339 with milliseconds), level, `what` (a literal such as "listening"), fields.
void log(log_level level, std::string_view what, std::initializer_list<field> fields = {});
/// The line of a finished request: what = "request". Of those refused as busy a line "overload" a second tells as well.
void log(const event& request);

bool enabled(log_level level) noexcept;
/// Lines lost since start: the queue was full, or the file or pipe took none.
std::uint64_t lost_log_lines() noexcept;

/// `text` with everything escaped that could end a line or steer a terminal; at most 256 bytes, cut at a code point.
std::string escaped(std::string_view text);

}  // namespace smsauth::telemetry
