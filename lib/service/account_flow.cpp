#include "service/account_flow.hpp"

#include "crypto/random.hpp"
#include "store/account_store.hpp"

#include <algorithm>
#include <charconv>

namespace smsauth::service {

namespace {

constexpr std::size_t single_use_invite_length = 32;

std::optional<std::int64_t> parse_uid(std::string_view text) {
  constexpr std::size_t max_digits = 15;  // below 2^53
  std::int64_t value = 0;
  if (text.empty() || text.size() > max_digits) return std::nullopt;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

core::account new_account(const context& shared, const caller& who, const core::phone_number& phone, std::int64_t uid,
                          std::string_view device_id, core::epoch_ms now) {
  core::account fresh;
  fresh.uid = uid;
  fresh.public_id = crypto::random_hex(16);
  fresh.phone = phone.e164();
  fresh.status = shared.config.registration == registration_mode::approval ? core::account_status::pending
                                                                           : core::account_status::normal;
  fresh.username = core::generated_username(shared.config.username_prefix, uid);
  fresh.social_circle_id = 0;
  fresh.register_address = who.address;
  fresh.last_login_address = who.address;
  fresh.last_login_device = device_id;
  fresh.last_login_at = now;
  fresh.created_at = now;
  fresh.updated_at = now;
  return fresh;
}

bool take_over_identity(store::transaction& in, const std::string& phone, std::int64_t uid, core::epoch_ms now) {
  const auto owner = store::accounts::find_identity(in, phone).get();
  if (!owner || owner->verified || !store::accounts::move_identity(in, phone, owner->uid, uid)) return false;
  store::accounts::set_status(in, owner->uid, core::account_status::replaced, now);
  store::accounts::end_sessions(in, owner->uid, now);
  return true;
}

store::task<core::result<void>> create_account(store::transaction& in, const core::account& fresh, bool verified,
                                               bool taken, core::epoch_ms now) {
  bool claimed = false;
  if (!taken) claimed = co_await store::accounts::claim_identity(in, fresh.phone, fresh.uid, verified, now);
  if (!claimed && !(verified && take_over_identity(in, fresh.phone, fresh.uid, now)))
    co_return core::errc::already_registered;
  co_await store::accounts::create(in, fresh);
  co_return core::result<void>();
}

std::optional<inviter> find_inviter(store::transaction& in, std::string_view code, core::dialect where,
                                    core::epoch_ms now) {
  if (code.size() == single_use_invite_length) {
    const auto invite = store::accounts::find_invite(in, code);
    if (!invite || invite->used_by != 0 || invite->expires_at <= now) return std::nullopt;
    return inviter{invite->inviter_uid, true};
  }
  auto uid = where == core::dialect::discuzq ? parse_uid(code) : core::uid_of_invite_code(code);
  if (!uid && where == core::dialect::discuzq) uid = core::uid_of_invite_code(code);
  if (!uid || !store::accounts::load(in, *uid)) return std::nullopt;
  return inviter{*uid, false};
}

void record_invitation(store::transaction& in, const inviter& by, std::string_view code, std::int64_t uid,
                       core::epoch_ms now) {
  if (by.single_use && !store::accounts::use_invite(in, code, uid, now))
    return;  // spent by another registration meanwhile
  store::accounts::record_referral(in, uid, by.uid, code, now);
}

bool note_login(store::transaction& in, const caller& who, core::account& owner, std::string_view device_id,
                core::epoch_ms now) {
  const bool changed = !device_id.empty() && !owner.last_login_device.empty() && owner.last_login_device != device_id;
  const std::string device(device_id.empty() ? std::string_view(owner.last_login_device) : device_id);
  store::accounts::record_login(in, owner.uid, who.address, device, now);
  if (!device_id.empty()) store::accounts::record_device(in, owner.uid, device_id, now);
  owner.last_login_address = who.address;
  owner.last_login_device = device;
  owner.last_login_at = now;
  owner.updated_at = now;
  return changed;
}

bool is_alive(store::transaction& in, const principal& owner) {
  const auto session = store::sessions::find(in, owner.session_id);
  const auto current = store::accounts::load(in, owner.uid);
  return session && session->revoked_at == 0 && current && current->session_epoch == session->epoch &&
         current->phone == owner.account.phone && !core::refusal_of(current->status);
}

void load_shown(store::transaction& in, const context& shared, core::dialect where, core::account& of) {
  of.circle = shared.config.default_circle;
  if (where == core::dialect::v4 || (where == core::dialect::module && of.social_circle_id != 0)) {
    store::accounts::load_memberships(in, of);
  }
}

crypto::argon2_parameters hash_parameters(const settings& config) noexcept {
  crypto::argon2_parameters chosen;
  chosen.memory_kib = config.argon2_memory_kib;
  chosen.iterations = config.argon2_iterations;
  return chosen;
}

runtime::awaitable<core::result<std::string>> hash_on_lane(context& shared, std::string_view password,
                                                           runtime::urgency how) {
  auto work = [&]() -> core::result<std::string> {
    return crypto::hash_password(password, hash_parameters(shared.config));
  };
  co_return co_await runtime::run_on(shared.hashes, work, how);
}

}  // namespace smsauth::service
