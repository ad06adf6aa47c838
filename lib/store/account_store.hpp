// account, identity (phone → account), and what hangs on an account: device, referral, invite, enterprise, circle.
#pragma once

#include "core/account.hpp"
#include "core/time.hpp"
#include "store/gathering.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace smsauth::store::accounts {

struct identity {
  std::int64_t uid = 0;
  bool verified = true;  ///< false: registered without a code, does not own the number
};

/// Takes `count` user ids for this process; returns the first.
std::int64_t take_uid_block(transaction& in, std::int64_t count);

struct identity_lookup {
  std::string_view phone;
  std::optional<identity> outcome = {};

  static step_kind kind() noexcept { return {}; }
  static void run(transaction& in, std::span<identity_lookup* const> all);
};
gathered<identity_lookup> find_identity(transaction& in, std::string_view phone);

struct identity_claim {
  std::string_view phone;
  std::int64_t uid;
  bool verified;
  core::epoch_ms now;
  bool outcome = false;

  static step_kind kind() noexcept { return {}; }
  static void run(transaction& in, std::span<identity_claim* const> all);
};
/// The one unique claim of a number; false when somebody has it. Several together throw a duplicate instead, and every
/// unit runs by itself then.
gathered<identity_claim> claim_identity(transaction& in, std::string_view phone, std::int64_t uid, bool verified,
                                        core::epoch_ms now);
/// Gives the number to another account, from one known state to another (compare and set).
bool move_identity(transaction& in, std::string_view phone, std::int64_t from_uid, std::int64_t to_uid);
bool release_identity(transaction& in, std::string_view phone, std::int64_t uid);

struct account_insert {
  const core::account* fresh;

  static step_kind kind() noexcept { return {}; }
  static void run(transaction& in, std::span<account_insert* const> all);
};
gathered<account_insert> create(transaction& in, const core::account& fresh);
/// The account row alone.
std::optional<core::account> load(transaction& in, std::int64_t uid);
/// One statement for identity and account of a verified or unverified number.
struct found_account {
  core::account account;
  bool verified = true;
};
struct account_lookup {
  std::string_view phone;
  std::optional<found_account> outcome = {};

  static step_kind kind() noexcept { return {}; }
  static void run(transaction& in, std::span<account_lookup* const> all);
};
gathered<account_lookup> find_by_phone(transaction& in, std::string_view phone);

/// Enterprise, application and social circle, for the dialects that show them.
void load_memberships(transaction& in, core::account& of);

void record_login(transaction& in, std::int64_t uid, std::string_view address, std::string_view device,
                  core::epoch_ms now);
/// False when the account's number is not `from` ("" = none) any more: another request changed it.
bool change_phone(transaction& in, std::int64_t uid, std::string_view from, std::string_view to, core::epoch_ms now);
void set_has_password(transaction& in, std::int64_t uid, core::epoch_ms now);
void set_has_pay_password(transaction& in, std::int64_t uid, core::epoch_ms now);
void set_status(transaction& in, std::int64_t uid, core::account_status status, core::epoch_ms now);
/// Ends every session of the account: theirs are of an older epoch from now on.
void end_sessions(transaction& in, std::int64_t uid, core::epoch_ms now);

/// First or latest use of a device; true when it was not known.
bool record_device(transaction& in, std::int64_t uid, std::string_view device, core::epoch_ms now);

struct invite {
  std::int64_t inviter_uid = 0;
  core::epoch_ms expires_at = 0;
  std::int64_t used_by = 0;
};
std::optional<invite> find_invite(transaction& in, std::string_view code);
/// Single use: false when it was used or has expired meanwhile.
bool use_invite(transaction& in, std::string_view code, std::int64_t uid, core::epoch_ms now);
void record_invite(transaction& in, std::string_view code, std::int64_t inviter_uid, core::epoch_ms expires_at,
                   core::epoch_ms now);
void record_referral(transaction& in, std::int64_t uid, std::int64_t inviter_uid, std::string_view code,
                     core::epoch_ms now);
std::optional<std::int64_t> find_inviter(transaction& in, std::int64_t uid);

void set_membership(transaction& in, std::int64_t uid, std::int64_t enterprise_id, std::string_view permissions_json,
                    core::epoch_ms now);
void set_application(transaction& in, std::int64_t uid, const core::enterprise_application& application,
                     core::epoch_ms now);
void set_circle(transaction& in, const core::social_circle& circle);

}  // namespace smsauth::store::accounts
