// The services' clock: the only place that reads it, and the place where tests put another one.
#pragma once

#include "core/time.hpp"

#include <atomic>

namespace smsauth::service {

class clock {
 public:
  clock();
  virtual ~clock() = default;
  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;

  /// Server time, never going back inside one process. It runs on the kernel's boot clock, set by the wall clock at
  /// start and slewed after it: small differences (NTP) are followed, a step of the wall clock is not, so that
  /// no life of a code is lengthened and no window moved by it. A step is logged once; a restart takes it over.
  virtual core::epoch_ms now();

 private:
  std::atomic<core::epoch_ms> offset_;  ///< wall clock minus boot clock
  std::atomic<core::epoch_ms> latest_{0};
  std::atomic<bool> step_told_{false};
};

}  // namespace smsauth::service
