#include "store/account_store.hpp"

#include "store/multi_row.hpp"

namespace smsauth::store::accounts {

namespace {

// A block of uids: moved first, so that the row is ours when it is read, and nodes wait for each other instead of
// failing.
constexpr sql move_sequence{"sequence.move", "UPDATE sequence SET next_value = next_value + :p1 WHERE name = 'uid'"};
constexpr sql read_sequence{"sequence.read", "SELECT next_value FROM sequence WHERE name = 'uid'"};

constexpr sql update_identity{"identity.move",
                              "UPDATE identity SET uid = :p1, verified = 1 WHERE phone = :p2 AND uid = :p3"};
constexpr sql delete_identity{"identity.release", "DELETE FROM identity WHERE phone = :p1 AND uid = :p2"};

#define SMSAUTH_ACCOUNT_COLUMNS                                                                                      \
  "a.uid, a.public_id, a.phone, a.status, a.username, a.name, a.nickname, a.gender, a.birthday, a.email, a.avatar, " \
  "a.role, a.points, a.can_rename, a.settled, a.has_password, a.has_pay_password, a.session_epoch, "                 \
  "a.social_circle_id, "                                                                                             \
  "a.register_address, a.last_login_address, a.last_login_device, a.last_login_at, a.created_at, a.updated_at"

constexpr sql select_account{"account.load", "SELECT " SMSAUTH_ACCOUNT_COLUMNS " FROM account a WHERE a.uid = :p1"};
using account_row = std::tuple<int_column, text_column, text_column, int_column, text_column, text_column, text_column,
                               text_column, text_column, text_column, text_column, text_column, int_column, int_column,
                               int_column, int_column, int_column, int_column, int_column, text_column, text_column,
                               text_column, int_column, int_column, int_column>;
using account_verified_and_phone = decltype(std::tuple_cat(account_row{}, std::tuple<int_column, text_column>{}));

const multi_row& select_identities() {
  static const multi_row text("identity.find", "SELECT uid, verified, phone FROM identity WHERE phone IN ({})", "?");
  return text;
}
const multi_row& insert_identities() {
  static const multi_row text("identity.claim", "INSERT INTO identity (phone, uid, verified, created_at) VALUES {}",
                              "(?, ?, ?, ?)");
  return text;
}
const multi_row& select_by_phones() {
  static const multi_row text(
      "account.find_by_phone",
      "SELECT " SMSAUTH_ACCOUNT_COLUMNS
      ", i.verified, i.phone FROM identity i JOIN account a ON a.uid = i.uid WHERE i.phone IN ({})",
      "?");
  return text;
}
const multi_row& insert_accounts() {
  static const multi_row text("account.create", R"(
INSERT INTO account (uid, public_id, phone, status, username, name, nickname, gender, birthday, email, avatar, role, points,
  can_rename, settled, has_password, has_pay_password, session_epoch, social_circle_id, register_address, last_login_address,
  last_login_device, last_login_at, created_at, updated_at)
VALUES {})",
                              "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  return text;
}

constexpr sql update_login{"account.record_login", R"(
UPDATE account SET last_login_at = :p1, last_login_address = :p2, last_login_device = :p3, updated_at = :p4 WHERE uid = :p5)"};
constexpr sql update_phone{"account.change_phone",
                           "UPDATE account SET phone = :p1, updated_at = :p2 WHERE uid = :p3 AND phone = :p4"};
constexpr sql update_has_password{"account.set_has_password",
                                  "UPDATE account SET has_password = 1, updated_at = :p1 WHERE uid = :p2"};
constexpr sql update_has_pay{"account.set_has_pay_password",
                             "UPDATE account SET has_pay_password = 1, updated_at = :p1 WHERE uid = :p2"};
constexpr sql update_status{"account.set_status", "UPDATE account SET status = :p1, updated_at = :p2 WHERE uid = :p3"};
constexpr sql update_epoch{"account.end_sessions",
                           "UPDATE account SET session_epoch = session_epoch + 1, updated_at = :p1 WHERE uid = :p2"};

constexpr sql touch_device{"device.touch", "UPDATE device SET last_seen_at = :p1 WHERE uid = :p2 AND device_id = :p3"};
constexpr sql insert_device{
    "device.record", "INSERT INTO device (uid, device_id, first_seen_at, last_seen_at) VALUES (:p1, :p2, :p3, :p4)"};

constexpr sql select_invite{"invite.find", "SELECT inviter_uid, expires_at, used_by FROM invite WHERE code = :p1"};
constexpr sql take_invite{
    "invite.use",
    "UPDATE invite SET used_by = :p1, used_at = :p2 WHERE code = :p3 AND used_by = 0 AND expires_at > :p4"};
constexpr sql insert_invite{"invite.record",
                            "INSERT INTO invite (code, inviter_uid, expires_at, used_by, used_at, created_at) VALUES "
                            "(:p1, :p2, :p3, 0, 0, :p4)"};
constexpr sql insert_referral{
    "referral.record", "INSERT INTO referral (uid, inviter_uid, invite_code, created_at) VALUES (:p1, :p2, :p3, :p4)"};
constexpr sql select_referral{"referral.find", "SELECT inviter_uid FROM referral WHERE uid = :p1"};

constexpr sql select_member{"enterprise_member.find",
                            "SELECT enterprise_id, permissions FROM enterprise_member WHERE uid = :p1"};
constexpr sql select_application{"enterprise_application.find",
                                 "SELECT enterprise_id, name, state FROM enterprise_application WHERE uid = :p1"};
constexpr sql select_circle{"social_circle.find", "SELECT name, logo, description FROM social_circle WHERE id = :p1"};

constexpr sql upsert_member{
    "enterprise_member.set",
    "INSERT INTO enterprise_member (uid, enterprise_id, permissions, updated_at) VALUES (:p1, :p2, :p3, :p4) "
    "ON CONFLICT (uid) DO UPDATE SET enterprise_id = excluded.enterprise_id, permissions = "
    "excluded.permissions, updated_at = excluded.updated_at",
    "INSERT INTO enterprise_member (uid, enterprise_id, permissions, updated_at) VALUES (:p1, :p2, :p3, :p4) "
    "ON DUPLICATE KEY UPDATE enterprise_id = VALUES(enterprise_id), permissions = VALUES(permissions), "
    "updated_at = VALUES(updated_at)"};
constexpr sql upsert_application{
    "enterprise_application.set",
    "INSERT INTO enterprise_application (uid, enterprise_id, name, state, updated_at) VALUES (:p1, :p2, "
    ":p3, :p4, :p5) ON CONFLICT (uid) DO UPDATE SET enterprise_id = excluded.enterprise_id, name = "
    "excluded.name, state = excluded.state, updated_at = excluded.updated_at",
    "INSERT INTO enterprise_application (uid, enterprise_id, name, state, updated_at) VALUES (:p1, :p2, "
    ":p3, :p4, :p5) ON DUPLICATE KEY UPDATE enterprise_id = VALUES(enterprise_id), name = VALUES(name), "
    "state = VALUES(state), updated_at = VALUES(updated_at)"};
constexpr sql upsert_circle{
    "social_circle.set",
    "INSERT INTO social_circle (id, name, logo, description) VALUES (:p1, :p2, :p3, :p4) ON CONFLICT (id) DO "
    "UPDATE SET name = excluded.name, logo = excluded.logo, description = excluded.description",
    "INSERT INTO social_circle (id, name, logo, description) VALUES (:p1, :p2, :p3, :p4) ON DUPLICATE KEY "
    "UPDATE name = VALUES(name), logo = VALUES(logo), description = VALUES(description)"};

template <class Row>
core::account account_of(Row& row) {
  core::account a;
  a.uid = std::get<0>(row);
  a.public_id = std::get<1>(row);
  a.phone = std::get<2>(row);
  a.status = static_cast<core::account_status>(std::get<3>(row));
  a.username = std::get<4>(row);
  a.name = std::get<5>(row);
  a.nickname = std::get<6>(row);
  a.gender = std::get<7>(row);
  a.birthday = std::get<8>(row);
  a.email = std::get<9>(row);
  a.avatar = std::get<10>(row);
  a.role = std::get<11>(row);
  a.points = std::get<12>(row);
  a.can_rename = std::get<13>(row) != 0;
  a.settled = std::get<14>(row) != 0;
  a.has_password = std::get<15>(row) != 0;
  a.has_pay_password = std::get<16>(row) != 0;
  a.session_epoch = std::get<17>(row);
  a.social_circle_id = std::get<18>(row);
  a.register_address = std::get<19>(row);
  a.last_login_address = std::get<20>(row);
  a.last_login_device = std::get<21>(row);
  a.last_login_at = std::get<22>(row);
  a.created_at = std::get<23>(row);
  a.updated_at = std::get<24>(row);
  return a;
}

// ["a","b"] → a, b. Operators' own data, written by us: strings without escapes.
std::vector<std::string> permissions_of(std::string_view json) {
  std::vector<std::string> out;
  for (auto open = json.find('"'); open != std::string_view::npos; open = json.find('"', open)) {
    const auto close = json.find('"', open + 1);
    if (close == std::string_view::npos) break;
    out.emplace_back(json.substr(open + 1, close - open - 1));
    open = close + 1;
  }
  return out;
}

bool insert_once(auto&& run) {
  try {
    run();
    return true;
  } catch (const sql_error& error) {
    if (error.kind() != sql_error_kind::duplicate) throw;
    return false;
  }
}

}  // namespace

std::int64_t take_uid_block(transaction& in, std::int64_t count) {
  in.execute(move_sequence, count);
  const auto row = in.row<std::tuple<int_column>>(read_sequence);
  if (!row) throw sql_error(sql_error_kind::bug, 0, read_sequence.name);
  return std::get<0>(*row) - count;
}

void identity_lookup::run(transaction& in, std::span<identity_lookup* const> all) {
  using row_type = std::tuple<int_column, int_column, text_column>;
  rows_by_phone<row_type>(in, select_identities(), all, {}, [](identity_lookup& step, const row_type& row) {
    step.outcome = identity{std::get<0>(row), std::get<1>(row) != 0};
  });
}

gathered<identity_lookup> find_identity(transaction& in, std::string_view phone) {
  return {in, {phone}};
}

void identity_claim::run(transaction& in, std::span<identity_claim* const> all) {
  const auto add = [](const identity_claim* each, argument_list& to) {
    to.insert(to.end(), {each->phone, each->uid, each->verified, each->now});
  };
  const auto insert = [&] { insert_rows(in, insert_identities(), all, add); };
  if (all.size() == 1) {
    all.front()->outcome = insert_once(insert);
    return;
  }
  insert();
  for (identity_claim* const each : all)
    each->outcome = true;
}

gathered<identity_claim> claim_identity(transaction& in, std::string_view phone, std::int64_t uid, bool verified,
                                        core::epoch_ms now) {
  return {in, {phone, uid, verified, now}};
}

bool move_identity(transaction& in, std::string_view phone, std::int64_t from_uid, std::int64_t to_uid) {
  return in.execute(update_identity, to_uid, phone, from_uid) == 1;
}

bool release_identity(transaction& in, std::string_view phone, std::int64_t uid) {
  return in.execute(delete_identity, phone, uid) == 1;
}

void account_insert::run(transaction& in, std::span<account_insert* const> all) {
  const auto add = [](const account_insert* each, argument_list& to) {
    const core::account& a = *each->fresh;
    to.insert(to.end(), {a.uid,
                         a.public_id,
                         a.phone,
                         static_cast<std::int64_t>(a.status),
                         a.username,
                         a.name,
                         a.nickname,
                         a.gender,
                         a.birthday,
                         a.email,
                         a.avatar,
                         a.role,
                         a.points,
                         a.can_rename,
                         a.settled,
                         a.has_password,
                         a.has_pay_password,
                         a.session_epoch,
                         a.social_circle_id,
                         a.register_address,
                         a.last_login_address,
                         a.last_login_device,
                         a.last_login_at,
                         a.created_at,
                         a.updated_at});
  };
  insert_rows(in, insert_accounts(), all, add);
}

gathered<account_insert> create(transaction& in, const core::account& fresh) {
  return {in, {&fresh}};
}

std::optional<core::account> load(transaction& in, std::int64_t uid) {
  auto row = in.row<account_row>(select_account, uid);
  if (!row) return std::nullopt;
  return account_of(*row);
}

void account_lookup::run(transaction& in, std::span<account_lookup* const> all) {
  using row_type = account_verified_and_phone;
  rows_by_phone<row_type>(in, select_by_phones(), all, {}, [](account_lookup& step, const row_type& row) {
    step.outcome = found_account{account_of(row), std::get<25>(row) != 0};
  });
}

gathered<account_lookup> find_by_phone(transaction& in, std::string_view phone) {
  return {in, {phone}};
}

void load_memberships(transaction& in, core::account& of) {
  if (const auto row = in.row<std::tuple<int_column, text_column>>(select_member, of.uid)) {
    of.enterprise_id = std::get<0>(*row);
    of.permissions = permissions_of(std::get<1>(*row));
  }
  if (const auto row = in.row<std::tuple<int_column, text_column, int_column>>(select_application, of.uid)) {
    of.application = core::enterprise_application{std::get<0>(*row), std::get<1>(*row), std::get<2>(*row)};
  }
  if (of.social_circle_id != 0) {
    const auto row = in.row<std::tuple<text_column, text_column, text_column>>(select_circle, of.social_circle_id);
    if (row)
      of.circle = core::social_circle{of.social_circle_id, std::get<0>(*row), std::get<1>(*row), std::get<2>(*row)};
  }
}

void record_login(transaction& in, std::int64_t uid, std::string_view address, std::string_view device,
                  core::epoch_ms now) {
  in.execute(update_login, now, address, device, now, uid);
}

bool change_phone(transaction& in, std::int64_t uid, std::string_view from, std::string_view to, core::epoch_ms now) {
  return in.execute(update_phone, to, now, uid, from) == 1;
}

void set_has_password(transaction& in, std::int64_t uid, core::epoch_ms now) {
  in.execute(update_has_password, now, uid);
}

void set_has_pay_password(transaction& in, std::int64_t uid, core::epoch_ms now) {
  in.execute(update_has_pay, now, uid);
}

void set_status(transaction& in, std::int64_t uid, core::account_status status, core::epoch_ms now) {
  in.execute(update_status, static_cast<std::int64_t>(status), now, uid);
}

void end_sessions(transaction& in, std::int64_t uid, core::epoch_ms now) {
  in.execute(update_epoch, now, uid);
}

bool record_device(transaction& in, std::int64_t uid, std::string_view device, core::epoch_ms now) {
  if (in.execute(touch_device, now, uid, device) == 1) return false;
  return insert_once([&] { in.execute(insert_device, uid, device, now, now); });
}

std::optional<invite> find_invite(transaction& in, std::string_view code) {
  const auto row = in.row<std::tuple<int_column, int_column, int_column>>(select_invite, code);
  if (!row) return std::nullopt;
  return invite{std::get<0>(*row), std::get<1>(*row), std::get<2>(*row)};
}

bool use_invite(transaction& in, std::string_view code, std::int64_t uid, core::epoch_ms now) {
  return in.execute(take_invite, uid, now, code, now) == 1;
}

void record_invite(transaction& in, std::string_view code, std::int64_t inviter_uid, core::epoch_ms expires_at,
                   core::epoch_ms now) {
  in.execute(insert_invite, code, inviter_uid, expires_at, now);
}

void record_referral(transaction& in, std::int64_t uid, std::int64_t inviter_uid, std::string_view code,
                     core::epoch_ms now) {
  insert_once([&] { in.execute(insert_referral, uid, inviter_uid, code, now); });
}

std::optional<std::int64_t> find_inviter(transaction& in, std::int64_t uid) {
  const auto row = in.row<std::tuple<int_column>>(select_referral, uid);
  if (!row) return std::nullopt;
  return std::get<0>(*row);
}

void set_membership(transaction& in, std::int64_t uid, std::int64_t enterprise_id, std::string_view permissions_json,
                    core::epoch_ms now) {
  in.execute(upsert_member, uid, enterprise_id, permissions_json, now);
}

void set_application(transaction& in, std::int64_t uid, const core::enterprise_application& application,
                     core::epoch_ms now) {
  in.execute(upsert_application, uid, application.enterprise_id, application.name, application.state, now);
}

void set_circle(transaction& in, const core::social_circle& circle) {
  in.execute(upsert_circle, circle.id, circle.name, circle.logo, circle.description);
}

}  // namespace smsauth::store::accounts
