#include "sms/wire_time.hpp"

#include <algorithm>
#include <chrono>

namespace smsauth::sms {

namespace {

constexpr core::epoch_ms last_ms = 253'402'300'799'999;  // 9999-12-31 23:59:59.999

// `text` with its letters filled in: YYYY MM DD hh mm ss, each run in its own letter.
std::string filled(std::string text, core::epoch_ms at) {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{milliseconds{std::clamp<core::epoch_ms>(at, 0, last_ms)}};
  const auto midnight = floor<days>(moment);
  const year_month_day date{midnight};
  const hh_mm_ss time{floor<seconds>(moment - midnight)};
  const auto put = [&text](char letter, long value) {
    for (std::size_t i = text.size(); i-- > 0;) {
      if (text[i] != letter) continue;
      text[i] = static_cast<char>('0' + value % 10);
      value /= 10;
    }
  };
  put('Y', static_cast<int>(date.year()));
  put('M', static_cast<long>(static_cast<unsigned>(date.month())));
  put('D', static_cast<long>(static_cast<unsigned>(date.day())));
  put('h', time.hours().count());
  put('m', time.minutes().count());
  put('s', time.seconds().count());
  return text;
}

std::optional<unsigned> number_at(std::string_view text, std::size_t position, std::size_t digits) {
  unsigned value = 0;
  for (const char c : text.substr(position, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

}  // namespace

std::string utc_time(core::epoch_ms at) {
  return filled("YYYY-MM-DDThh:mm:ssZ", at);
}

std::string utc_time_compact(core::epoch_ms at) {
  return filled("YYYYMMDDThhmmssZ", at);
}

std::string utc_date(core::epoch_ms at) {
  return filled("YYYY-MM-DD", at);
}

std::optional<core::epoch_ms> parse_time(std::string_view text, int hours_east) {
  using namespace std::chrono;
  constexpr std::size_t length = 19;
  if (text.size() == length + 1 && text.back() == 'Z') text.remove_suffix(1);
  if (text.size() != length || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') ||
      text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto y = number_at(text, 0, 4);
  const auto mo = number_at(text, 5, 2);
  const auto d = number_at(text, 8, 2);
  const auto h = number_at(text, 11, 2);
  const auto mi = number_at(text, 14, 2);
  const auto s = number_at(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
  const year_month_day date{year{static_cast<int>(*y)}, month{*mo}, day{*d}};
  if (!date.ok()) return std::nullopt;
  const auto moment = sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s} - hours{hours_east};
  return duration_cast<milliseconds>(moment.time_since_epoch()).count();
}

std::optional<std::int64_t> parse_unix_seconds(std::string_view text) {
  std::int64_t value = 0;
  constexpr std::size_t max_digits = 12;  // far from an overflow, also in milliseconds
  if (text.empty() || text.size() > max_digits) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  if (value > last_ms / 1000) return std::nullopt;
  return value;
}

}  // namespace smsauth::sms
