// A rate limit with a burst of one second's worth. Time is an argument.
#pragma once

#include "core/time.hpp"

#include <algorithm>
#include <cstdint>

namespace smsauth::sms {

class token_bucket {
 public:
  /// 0 = no limit.
  explicit token_bucket(std::int64_t per_second) : per_second_(per_second) {}

  /// Takes a token, perhaps one of the future: milliseconds until it may be used, 0 = now.
  std::int64_t take(core::epoch_ms now) noexcept {
    if (per_second_ <= 0) return 0;
    // In thousandths of a token, so that nothing is lost between two calls in one millisecond.
    const std::int64_t burst = per_second_ * core::ms_per_second;
    level_ = started_ ? std::min(burst, level_ + (now - at_) * per_second_) : burst;
    started_ = true;
    at_ = now;
    level_ -= core::ms_per_second;
    return level_ >= 0 ? 0 : (-level_ + per_second_ - 1) / per_second_;
  }

 private:
  std::int64_t per_second_;
  std::int64_t level_ = 0;
  core::epoch_ms at_ = 0;
  bool started_ = false;
};

}  // namespace smsauth::sms
