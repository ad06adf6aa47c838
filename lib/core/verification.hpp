// The rules of sending and trying codes, as functions of plain data. The statements in store decide by the same rules
// inside the database, in one conditional write; these say why a row refused, and are tested against the statements.
#pragma once

#include "core/error.hpp"
#include "core/limits.hpp"
#include "core/purpose.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace smsauth::core {

/// What is counted per phone. A window begins with its first event and ends an hour or a day later.
struct phone_quota {
  epoch_ms hour_started_at = 0;
  std::int64_t hour_sends = 0;
  epoch_ms day_started_at = 0;
  std::int64_t day_sends = 0;
  epoch_ms wrong_started_at = 0;
  std::int64_t wrong_tries = 0;
  epoch_ms sent_at = 0;  ///< last send of the purpose in question
};

inline constexpr std::int64_t no_cap = std::numeric_limits<std::int32_t>::max();
/// A limit of 0 means none (dev only).
constexpr std::int64_t cap_or_none(std::int64_t limit) noexcept {
  return limit == 0 ? no_cap : limit;
}

/// Gap and life of a code for one dialect.
struct code_times {
  std::int64_t ttl_seconds;
  std::int64_t gap_seconds;
};
code_times times_for(dialect which, const code_limits& limits) noexcept;

/// Why this quota refuses a send now: send_too_soon or send_limited with the seconds until it would not.
/// errc::internal when nothing refuses: the row changed between the write and this look.
failure explain_send_refusal(const phone_quota& quota, epoch_ms now, std::int64_t gap_seconds,
                             const code_limits& limits) noexcept;

/// phone_locked with the seconds to wait when the day's wrong tries are used up, else wrong_code.
failure explain_try_refusal(const phone_quota& quota, epoch_ms now, const code_limits& limits) noexcept;

/// What the code's keyed MAC covers: everything a code is bound to (OTP-07, OTP-08), each part with its length.
/// `owner` is empty, or "uid:session" for codes that work in one session only.
std::string mac_input(std::string_view phone, purpose why, std::string_view owner, std::string_view code);

/// Seconds to wait after the n-th password failure: 0 up to `free_failures`, then first_delay doubling up to max_delay.
std::int64_t password_delay_seconds(std::int64_t failures, const password_limits& limits) noexcept;

/// Lengths count code points of UTF-8 (PWD-01); the caller has checked that it is UTF-8. Strict also refuses well-known
/// passwords and the number itself. errc::password_rule, or nothing.
bool password_allowed(std::string_view password, std::string_view phone_e164, dialect where,
                      const password_limits& limits);
/// Exactly six ASCII digits.
bool pay_password_allowed(std::string_view digits) noexcept;

}  // namespace smsauth::core
