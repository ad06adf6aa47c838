// Stops asking a gateway that fails, and finds out with one call whether it works again. Time is an argument.
#pragma once

#include "core/time.hpp"

#include <cstdint>

namespace smsauth::sms {

struct breaker_settings {
  std::int64_t failures = 5;      ///< in a row that open it; 0 = never
  std::int64_t open_ms = 30'000;  ///< until one probe is let through
};

class circuit_breaker {
 public:
  explicit circuit_breaker(breaker_settings settings) : settings_(settings) {}

  /// May a call be made? Half-open: true for one caller, who must report with succeeded(), failed() or abandoned().
  bool allows(core::epoch_ms now) noexcept;
  void succeeded() noexcept;
  void failed(core::epoch_ms now) noexcept;
  /// The call that allows() let through was not made, or told nothing about the gateway.
  void abandoned() noexcept { probing_ = false; }

  bool open(core::epoch_ms now) const noexcept { return open_until_ > now; }

 private:
  breaker_settings settings_;
  std::int64_t failures_ = 0;
  core::epoch_ms open_until_ = 0;  ///< 0 = closed
  bool probing_ = false;
};

}  // namespace smsauth::sms
