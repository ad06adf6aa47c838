// Time as plain data. core never reads a clock: "now" is an argument everywhere.
#pragma once

#include <cstdint>

namespace smsauth::core {

using epoch_ms = std::int64_t;  ///< milliseconds since 1970-01-01T00:00:00Z, server time

inline constexpr std::int64_t ms_per_second = 1000;
inline constexpr std::int64_t ms_per_hour = 3600 * ms_per_second;
inline constexpr std::int64_t ms_per_day = 24 * ms_per_hour;

/// Whole seconds until `then`, rounded up and at least 1: the value for Retry-After.
constexpr std::int64_t seconds_until(epoch_ms then, epoch_ms now) noexcept {
  const std::int64_t left = then - now;
  return left <= ms_per_second ? 1 : (left + ms_per_second - 1) / ms_per_second;
}

}  // namespace smsauth::core
