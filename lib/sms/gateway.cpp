#include "sms/gateway.hpp"

namespace smsauth::sms {

std::string_view to_string(rejection value) noexcept {
  switch (value) {
    case rejection::rate_limited:
      return "rate_limited";
    case rejection::bad_number:
      return "bad_number";
    case rejection::blocked_number:
      return "blocked_number";
    case rejection::content_or_template:
      return "content_or_template";
    case rejection::auth_config:
      return "auth_config";
    case rejection::insufficient_funds:
      return "insufficient_funds";
    case rejection::retry_later:
      return "retry_later";
    case rejection::permanent:
      return "permanent";
  }
  return "unknown";
}

std::string_view to_string(outcome::kind value) noexcept {
  switch (value) {
    case outcome::kind::accepted:
      return "accepted";
    case outcome::kind::rejected:
      return "rejected";
    case outcome::kind::partial:
      return "partial";
    case outcome::kind::unknown:
      break;
  }
  return "unknown";
}

}  // namespace smsauth::sms
