// The services' clock: the only place that reads it, and the place where tests put another one.
#pragma once

#include "core/time.hpp"

#include <atomic>

namespace smsauth::service {

class clock {
 public:
  clock() = default;
  virtual ~clock() = default;
  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;

  /// Server time; never goes back inside one process, so that a stepped clock never lengthens a code's life.
  virtual core::epoch_ms now();

 private:
  std::atomic<core::epoch_ms> latest_{0};
};

}  // namespace smsauth::service
