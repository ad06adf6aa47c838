// One line of the log, built field by field.
#pragma once

#include "telemetry/event.hpp"
#include "telemetry/log.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace smsauth::telemetry {

/// Text: `2026-11-21T10:00:00.123Z info request id=… status=200`; a value with blanks or anything unusual is quoted, so
/// that it cannot pose as a field. JSON: one object, `time`, `level` and `event` first.
class line {
 public:
  using clock = std::chrono::system_clock;

  /// Begins a line in `out`, whose old content is dropped. `out` outlives the line.
  line(std::string& out, log_format format, clock::time_point time, log_level level, std::string_view what);

  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, std::int64_t value);
  void add(std::string_view name, bool value);
  /// Microseconds, written as milliseconds with three decimals.
  void add_ms(std::string_view name, std::int64_t microseconds);
  /// Ends it. No line feed is written: the sink adds that.
  void finish();

 private:
  void begin_field(std::string_view name);

  std::string& out_;
  log_format format_;
};

void write_line(std::string& out, log_format format, line::clock::time_point time, log_level level,
                std::string_view what, std::initializer_list<field> fields);
void write_line(std::string& out, log_format format, line::clock::time_point time, const event& request);

/// Was it refused because too much was asked of us at once?
bool is_busy(const event& request) noexcept;
/// Debug for health checks; error for what is our fault; warning when the database or a gateway was away or the handler
/// late; info else, also for 501 and 505, which any client can have at its own rate, for 500 where a dialect says a
/// wrong code by it, and for what is busy, which log() sums up: so warnings stay readable in a flood, and cheap where
/// only they are written.
log_level level_of(const event& request) noexcept;

}  // namespace smsauth::telemetry
