// One try of one code, as part of a caller's transaction.
#pragma once

#include "core/error.hpp"
#include "core/purpose.hpp"
#include "core/time.hpp"
#include "service/context.hpp"
#include "store/task.hpp"
#include "store/transaction.hpp"

#include <string>
#include <string_view>

namespace smsauth::service {

class code_check {
 public:
  /// `owner` as at the send (send_request::owner).
  code_check(const context& shared, const core::phone_number& phone, core::purpose why, std::string_view owner,
             std::string_view code, core::epoch_ms now);

  /// Charges the number's try first, then compares and consumes, then forgives earlier failures: one transaction that
  /// commits also for a wrong code (OTP-03, OTP-04, OTP-05). Errors: wrong_code, phone_locked.
  store::task<core::result<void>> operator()(store::transaction& in) const;

 private:
  const core::code_limits& limits_;
  const std::string phone_;
  const core::purpose purpose_;
  const std::string mac_;
  const core::epoch_ms now_;
};

}  // namespace smsauth::service
