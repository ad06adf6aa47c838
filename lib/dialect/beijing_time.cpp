#include "dialect/beijing_time.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace smsauth::dialect {

namespace {

constexpr std::int64_t utc_offset_ms = 8 * core::ms_per_hour;
constexpr core::epoch_ms first_ms = -62'167'219'200'000 - utc_offset_ms;  // 0000-01-01 00:00:00 there
constexpr core::epoch_ms last_ms = 253'402'300'799'999 - utc_offset_ms;   // 9999-12-31 23:59:59.999 there

/// `text` with its letters filled in: YYYY MM DD hh mm ss.
std::string filled(std::string text, core::epoch_ms at) {
  using namespace std::chrono;
  const sys_time<milliseconds> local{milliseconds{std::clamp(at, first_ms, last_ms) + utc_offset_ms}};
  const auto midnight = floor<days>(local);
  const year_month_day date{midnight};
  const hh_mm_ss time{floor<seconds>(local - midnight)};
  const auto put = [&text](std::size_t position, std::size_t digits, long value) {
    for (std::size_t i = digits; i-- > 0; value /= 10)
      text[position + i] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, static_cast<int>(date.year()));
  put(5, 2, static_cast<long>(static_cast<unsigned>(date.month())));
  put(8, 2, static_cast<long>(static_cast<unsigned>(date.day())));
  put(11, 2, time.hours().count());
  put(14, 2, time.minutes().count());
  put(17, 2, time.seconds().count());
  return text;
}

}  // namespace

std::string beijing_datetime(core::epoch_ms at) {
  return filled("YYYY-MM-DD hh:mm:ss", at);
}

std::string beijing_rfc3339(core::epoch_ms at) {
  return filled("YYYY-MM-DDThh:mm:ss+08:00", at);
}

}  // namespace smsauth::dialect
