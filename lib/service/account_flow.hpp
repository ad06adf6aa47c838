// Pieces that login, registration and the resets share.
#pragma once

#include "core/account.hpp"
#include "core/error.hpp"
#include "crypto/password.hpp"
#include "service/account_service.hpp"
#include "service/context.hpp"
#include "service/session_issue.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::service {

/// A new account's row; nothing is written.
core::account new_account(const context& shared, const caller& who, const core::phone_number& phone, std::int64_t uid,
                          std::string_view device_id, core::epoch_ms now);

/// Writes account and identity, by take_over_identity() where a `verified` one meets a squatter. `taken`: the caller
/// saw that the number has an account. Errors: already_registered.
store::task<core::result<void>> create_account(store::transaction& in, const core::account& fresh, bool verified,
                                               bool taken, core::epoch_ms now);

/// Gives a number that somebody registered without a code to its proved owner: the squatter's account is closed and its
/// sessions end (PWD-09). False when the number is free or has a proved owner.
bool take_over_identity(store::transaction& in, const std::string& phone, std::int64_t uid, core::epoch_ms now);

/// Who invited, from an own invite code, a single-use invite of 32 characters, or (discuzq) a uid; nothing when
/// unknown.
struct inviter {
  std::int64_t uid = 0;
  bool single_use = false;
};
std::optional<inviter> find_inviter(store::transaction& in, std::string_view code, core::dialect where,
                                    core::epoch_ms now);
/// Records the referral and spends a single-use invite.
void record_invitation(store::transaction& in, const inviter& by, std::string_view code, std::int64_t uid,
                       core::epoch_ms now);

/// Marks the login on the account (address, device, time) in row and value; returns whether the device changed.
bool note_login(store::transaction& in, const caller& who, core::account& owner, std::string_view device_id,
                core::epoch_ms now);

/// Is the session of `owner`, which was read before this transaction, still good inside it? A reset meanwhile ends
/// requests under way as well (TOK-06).
bool is_alive(store::transaction& in, const principal& owner);

/// What the caller's dialect shows beside the account row; no statement for dialects that show nothing.
void load_shown(store::transaction& in, const context& shared, core::dialect where, core::account& of);

crypto::argon2_parameters hash_parameters(const settings& config) noexcept;

/// PHC string of a new password, on the hash lane: urgent, before all logins, where the owner has proved the number.
/// Errors: busy.
runtime::awaitable<core::result<std::string>> hash_on_lane(context& shared, std::string_view password,
                                                           runtime::urgency how = runtime::urgency::urgent);

}  // namespace smsauth::service
