#include "service/clock.hpp"

#include "telemetry/log.hpp"

#include <cstdlib>
#include <ctime>

namespace smsauth::service {

namespace {

/// A difference up to this is drift, beyond it somebody has set the clock.
constexpr core::epoch_ms max_drift_ms = 5'000;

core::epoch_ms read(clockid_t which) {
  timespec time{};
  ::clock_gettime(which, &time);
  return static_cast<core::epoch_ms>(time.tv_sec) * core::ms_per_second + time.tv_nsec / 1'000'000;
}

}  // namespace

// CLOCK_BOOTTIME also counts the time a virtual machine was suspended.
clock::clock() : offset_(read(CLOCK_REALTIME) - read(CLOCK_BOOTTIME)) {}

core::epoch_ms clock::now() {
  const core::epoch_ms wall = read(CLOCK_REALTIME);
  const core::epoch_ms boot = read(CLOCK_BOOTTIME);
  const core::epoch_ms difference = wall - boot - offset_.load(std::memory_order_relaxed);
  if (std::abs(difference) <= max_drift_ms) {
    if (difference != 0) offset_.store(wall - boot, std::memory_order_relaxed);
  } else if (!step_told_.exchange(true)) {
    telemetry::log(telemetry::log_level::error, "the system clock was stepped; this process goes on by its own",
                   {{"step_ms", difference}});
  }
  const core::epoch_ms time = boot + offset_.load(std::memory_order_relaxed);
  core::epoch_ms seen = latest_.load(std::memory_order_relaxed);
  while (time > seen && !latest_.compare_exchange_weak(seen, time, std::memory_order_relaxed)) {
  }
  return time > seen ? time : seen;
}

}  // namespace smsauth::service
