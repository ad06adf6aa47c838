// The product's one vocabulary of expected failures.
//
// Every dialect has one table from errc to its own status, code and text (test/dialect checks that no row is missing).
// Environment failures (database gone) become errc::unavailable in one place each; bugs are exceptions.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string_view>

namespace smsauth::core {

enum class errc : std::uint8_t {
  // The request itself.
  malformed_request,       // unparsable body, duplicate key, wrong type, two values for one field
  unsupported_media_type,  // the route does not take this content type
  missing_field,           // a required field is absent or blank; failure::field names it
  invalid_field,           // a field has a value it cannot have; failure::field names it
  invalid_phone,           // not a number we can send to
  country_not_allowed,     // a fine number, in a country that the operator did not allow
  // Codes.
  wrong_code,     // wrong, expired, used up, never sent: one answer for all of them
  phone_locked,   // the phone's wrong tries of the last 24 h are used up
  send_too_soon,  // the resend gap of this phone and purpose still runs
  send_limited,   // a cap per phone or per client address is reached
  // Accounts.
  already_registered,
  not_registered,
  registration_closed,
  account_banned,
  account_pending,      // registered, waits for approval
  account_rejected,     // approval was refused
  account_ignored,      // approval was put aside
  phone_already_bound,  // the account has a number already
  phone_taken,          // the number belongs to another account
  same_phone,           // rebind to the number the account has
  proof_required,       // rebind without a fresh proof of the old number
  grant_required,       // password reset without a live grant or code
  invite_invalid,
  lookup_limited,  // too many "is this number registered" questions from one address
  // Passwords.
  wrong_password,      // unknown account or wrong password: one answer
  password_throttled,  // too many failures, try later
  password_mismatch,   // the two spellings differ
  password_rule,       // length or blocklist
  same_password,       // the new one equals the old one
  pay_password_mismatch,
  pay_password_rule,
  same_pay_password,
  wrong_pay_password,
  pay_password_disabled,
  // Sessions.
  not_authenticated,  // a session is needed and none was given
  invalid_token,      // a token was given and is no good: forged, expired, revoked
  missing_refresh_token,
  invalid_refresh_token,
  // The service.
  gateway_failed,  // every SMS route refused the message
  busy,            // a queue is full or the deadline is near: nothing was done
  unavailable,     // the database does not answer
  internal,        // a bug
  count_           // number of values; not an error
};

/// The name used in logs and metrics, for example "wrong_code".
std::string_view to_string(errc code) noexcept;

/// An expected failure: what, when to come back, and which field.
struct failure {
  errc code = errc::internal;
  std::int64_t retry_after_seconds = 0;  ///< > 0: say so in Retry-After
  std::string_view field = {};           ///< a literal: the field's name on the wire

  constexpr failure() = default;
  constexpr failure(errc c) : code(c) {}  // NOLINT(google-explicit-constructor): return errc::x reads well
  constexpr failure(errc c, std::int64_t retry_after) : code(c), retry_after_seconds(retry_after) {}
  constexpr failure(errc c, std::string_view f) : code(c), field(f) {}

  friend constexpr bool operator==(const failure& a, const failure& b) noexcept { return a.code == b.code; }
};

[[noreturn]] void throw_exception_from_error(const failure& error, const boost::source_location& where);

template <class T>
using result = boost::system::result<T, failure>;

}  // namespace smsauth::core
