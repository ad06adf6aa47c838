// Sends one-time codes: limits, code, outbox row in one transaction; then the message is on its way.
#pragma once

#include "core/error.hpp"
#include "core/phone_number.hpp"
#include "core/purpose.hpp"
#include "runtime/awaitable.hpp"
#include "service/caller.hpp"

#include <cstdint>
#include <string>

namespace smsauth::service {

struct context;

/// What must hold for the number before a code is sent.
enum class account_condition : std::uint8_t {
  any,
  must_exist,      ///< else not_registered
  must_not_exist,  ///< else already_registered
};

struct send_request {
  send_request(core::phone_number to, core::purpose why, account_condition when = account_condition::any)
      : phone(std::move(to)), purpose(why), condition(when) {}

  core::phone_number phone;
  core::purpose purpose;
  account_condition condition;
  std::string owner = {};  ///< "uid:session" when the code shall work for that session only (OTP-08), from owner_of()
};

struct send_receipt {
  std::string message_id;        ///< of the outbox row and the spool line
  std::int64_t ttl_seconds = 0;  ///< life of the code
  std::int64_t gap_seconds = 0;  ///< until the next send of this purpose
  std::string echo_code;         ///< the code, only where the code echo is allowed (dev); else empty
};

class verification_service {
 public:
  explicit verification_service(context& shared) : shared_(shared) {}

  /// Charges every limit, stores the code, hands the message to the dispatcher, all or nothing. With the spool gateway
  /// the line is written before this returns.
  ///
  /// In the strict profile a failed `condition` is answered like a success, and nothing is sent.
  /// Errors: send_too_soon, send_limited (both with retry_after_seconds), not_registered, already_registered, busy,
  /// unavailable.
  runtime::awaitable<core::result<send_receipt>> send(const caller& who, const send_request& request);

  /// Is there an account with this number? Limited per client address; strict profile: always false.
  /// Errors: lookup_limited, busy, unavailable.
  runtime::awaitable<core::result<bool>> is_registered(const caller& who, const core::phone_number& phone);

 private:
  context& shared_;
};

}  // namespace smsauth::service
