#include "sms/circuit_breaker.hpp"

namespace smsauth::sms {

bool circuit_breaker::allows(core::epoch_ms now) noexcept {
  if (open_until_ == 0) return true;
  if (open_until_ > now || probing_) return false;
  probing_ = true;
  return true;
}

void circuit_breaker::succeeded() noexcept {
  failures_ = 0;
  open_until_ = 0;
  probing_ = false;
}

void circuit_breaker::failed(core::epoch_ms now) noexcept {
  ++failures_;
  // A failed probe opens it again at once.
  if (settings_.failures > 0 && (failures_ >= settings_.failures || probing_)) open_until_ = now + settings_.open_ms;
  probing_ = false;
}

}  // namespace smsauth::sms
