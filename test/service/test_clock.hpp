// Time as the test says.
#pragma once

#include "core/time.hpp"
#include "service/clock.hpp"

#include <atomic>

namespace smsauth::test {

class test_clock final : public service::clock {
 public:
  /// 2026-03-08T09:26:40.123Z: inside an hour, inside a second, so that rounding shows.
  static constexpr core::epoch_ms start = 1'772'962'000'123;

  core::epoch_ms now() override { return now_; }
  void advance_ms(std::int64_t ms) { now_ += ms; }
  void advance_seconds(std::int64_t seconds) { advance_ms(seconds * core::ms_per_second); }
  void advance_hours(std::int64_t hours) { advance_ms(hours * core::ms_per_hour); }
  void set(core::epoch_ms now) { now_ = now; }

 private:
  std::atomic<core::epoch_ms> now_{start};
};

}  // namespace smsauth::test
