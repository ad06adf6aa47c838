// What a checked code or password opens: registration, login, bind, rebind, resets.
//
// Every function that takes a code charges the try first, compares inside the same transaction and consumes the code at
// most once; a wrong, expired, used or never-sent code is errc::wrong_code, and errc::phone_locked once the number's
// tries of the day are used up. Whatever fails after the comparison has burned the code.
#pragma once

#include "core/account.hpp"
#include "core/error.hpp"
#include "core/phone_number.hpp"
#include "service/caller.hpp"
#include "service/session_service.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::service {

/// A live session and the account it belongs to.
struct signed_in {
  core::account account;
  token_set tokens;
  bool created = false;         ///< the account was made by this call
  bool device_changed = false;  ///< device_id given and other than that of the last login
};

struct code_login_request {
  code_login_request(core::phone_number p, std::string_view c) : phone(std::move(p)), code(c) {}
  core::phone_number phone;
  std::string_view code;
  bool create_if_missing = false;
  std::string_view invite_code = {};  ///< used only when an account is created; an unknown one is ignored
  std::string_view device_id = {};
  bool want_bind_token = false;  ///< unknown number: make the token of no_bind_user
};

struct code_login_outcome {
  std::optional<signed_in> session;  ///< empty: the code was right, the number has no account
  std::string bind_token;            ///< then, if wanted: 40 letters and digits, bound to the number, single use
};

struct password_login_request {
  password_login_request(core::phone_number p, std::string_view w) : phone(std::move(p)), password(w) {}
  core::phone_number phone;
  std::string_view password;
  std::string_view device_id = {};
};

struct registration_request {
  registration_request(core::phone_number p, std::string_view c) : phone(std::move(p)), code(c) {}
  core::phone_number phone;
  std::string_view code;
  std::optional<std::string_view> password = {};  ///< none = account without a password
  std::string_view pay_password = {};             ///< empty = none; else 6 digits
  std::string_view name = {};
  std::string_view gender = {};
  std::string_view invite_code = {};
  bool invite_must_exist = false;  ///< an unknown invite code is invite_invalid, before the code is touched
  std::string_view device_id = {};
  bool sign_in_passwordless = false;  ///< the number has an account without a password: the code logs in
  bool open_session = true;
  bool code_optional = false;  ///< v4 with --v4-register-code=optional and no code sent: an unverified account
};

/// How a password reset is proved; exactly one member is set.
struct reset_proof {
  std::string_view code = {};         ///< a fresh code for reset_password
  std::string_view reset_token = {};  ///< what prove_for_reset returned
  bool grant_by_client = false;       ///< old clients: a live grant of this phone, client address and user agent
};

class account_service {
 public:
  explicit account_service(context& shared) : shared_(shared) {}

  /// Errors: wrong_code, phone_locked, registration_closed, account_…, busy, unavailable.
  runtime::awaitable<core::result<code_login_outcome>> login_by_code(const caller& who,
                                                                     const code_login_request& request);

  /// Unknown number and wrong password are one errc and cost the same time (PWD-05).
  /// Errors: wrong_password, password_throttled, account_…, busy, unavailable.
  runtime::awaitable<core::result<signed_in>> login_by_password(const caller& who,
                                                                const password_login_request& request);

  /// One account per number, however many ask at once (PWD-10).
  /// Errors: password_rule, pay_password_rule, invite_invalid, wrong_code, phone_locked, already_registered,
  /// registration_closed, account_…, busy, unavailable.
  runtime::awaitable<core::result<signed_in>> register_account(const caller& who, const registration_request& request);

  /// Step one of v4 forget_password: consumes a reset_password code, returns the reset token (single use, 300 s, gone
  /// with the next send of that purpose). Errors: wrong_code, phone_locked, busy, unavailable.
  runtime::awaitable<core::result<std::string>> prove_for_reset(const caller& who, const core::phone_number& phone,
                                                                std::string_view code, std::string_view device_id);

  /// Sets a new password and ends all sessions of the account. The reply's account is the one changed.
  /// Errors: password_rule, wrong_code, phone_locked, grant_required, not_registered, same_password, account_…, busy,
  /// unavailable.
  runtime::awaitable<core::result<core::account>> reset_password(const caller& who, const core::phone_number& phone,
                                                                 const reset_proof& proof,
                                                                 std::string_view new_password);

  /// Errors: pay_password_rule, wrong_code, phone_locked, same_pay_password, busy, unavailable.
  runtime::awaitable<core::result<core::account>> reset_pay_password(const caller& who, const principal& owner,
                                                                     std::string_view code,
                                                                     std::string_view new_pay_password);

  /// The account must have no number, and the number no account. Errors: wrong_code, phone_locked, phone_already_bound,
  /// phone_taken, busy, unavailable.
  runtime::awaitable<core::result<core::account>> bind_phone(const caller& who, const principal& owner,
                                                             const core::phone_number& phone, std::string_view code);

  /// Proves the account's own number: opens rebind for this session for 600 s. Errors: wrong_code, phone_locked, busy,
  /// unavailable.
  runtime::awaitable<core::result<core::account>> prove_own_phone(const caller& who, const principal& owner,
                                                                  std::string_view code);

  /// Does a live proof of prove_own_phone exist for this session? Errors: busy, unavailable.
  runtime::awaitable<core::result<bool>> has_rebind_proof(const principal& owner);

  /// Moves the account to another number; needs and spends the proof; ends all sessions, the caller's own as well
  /// (TOK-06). Errors: proof_required, wrong_code, phone_locked, same_phone, phone_taken, busy, unavailable.
  runtime::awaitable<core::result<core::account>> rebind_phone(const caller& who, const principal& owner,
                                                               const core::phone_number& phone, std::string_view code);

  /// Checks a pay password; the fifth wrong try disables it until it is reset (PWD-08).
  /// Errors: wrong_pay_password, pay_password_disabled, busy, unavailable.
  runtime::awaitable<core::result<void>> check_pay_password(const principal& owner, std::string_view pay_password);

 private:
  context& shared_;
};

}  // namespace smsauth::service
