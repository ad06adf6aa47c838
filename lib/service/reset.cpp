// account_service: password and pay password.
#include "core/verification.hpp"
#include "crypto/mac.hpp"
#include "crypto/random.hpp"
#include "service/account_flow.hpp"
#include "service/code_check.hpp"
#include "store/account_store.hpp"
#include "store/grant_store.hpp"
#include "store/password_store.hpp"

namespace smsauth::service {

namespace {

// An old client's grant is found again by who it is: address and user agent, hashed so that neither is stored.
std::string client_hash(const context& shared, const caller& who) {
  return crypto::hmac_sha256_hex(shared.keys.client_mac().bytes(), {who.limit_key, who.user_agent});
}

struct reset_target {
  core::account account;
  std::string old_phc;  ///< empty: no password yet
};

// Spends the proof; the number's account comes with it.
core::result<reset_target> prove_reset(store::transaction& in, const std::string& phone, const reset_proof& proof,
                                       const code_check& check, const std::string& client, core::epoch_ms now) {
  if (!proof.code.empty()) {
    const auto right = check(in).get();
    if (!right) return right.error();
  } else {
    const bool granted = proof.reset_token.empty()
                             ? proof.grant_by_client && store::grants::use_reset_by_client(in, phone, client, now)
                             : store::grants::use_reset_by_token(in, phone, crypto::sha256_hex(proof.reset_token), now);
    if (!granted) return core::errc::grant_required;
  }
  auto found = store::accounts::find_by_phone(in, phone).get();
  if (!found || !found->verified) return core::errc::not_registered;
  reset_target target;
  target.account = std::move(found->account);
  if (const auto stored = store::passwords::find(in, target.account.uid, store::passwords::kind::login))
    target.old_phc = stored->phc;
  return target;
}

core::result<std::string> hash_unless_same(const settings& config, std::string_view password,
                                           const std::string& old_phc, bool refuse_same, core::errc same) {
  if (refuse_same && !old_phc.empty() && crypto::verify_password(password, old_phc)) return same;
  return crypto::hash_password(password, hash_parameters(config));
}

}  // namespace

runtime::awaitable<core::result<std::string>> account_service::prove_for_reset(const caller& who,
                                                                               const core::phone_number& phone,
                                                                               std::string_view code,
                                                                               std::string_view device_id) {
  describe(shared_, who, core::purpose::reset_password, phone);
  const core::epoch_ms now = shared_.time.now();
  const code_check check(shared_, phone, core::purpose::reset_password, {}, code, now);
  const std::string token = crypto::random_hex(32);
  const std::string client = client_hash(shared_, who);
  auto work = [&](store::transaction& in) -> core::result<void> {
    const auto right = check(in).get();
    if (!right) return right.error();
    store::grants::record_reset(in, phone.e164(), crypto::sha256_hex(token), client, device_id,
                                now + shared_.config.codes.grant_seconds * core::ms_per_second);
    return {};
  };
  const auto done = co_await shared_.database.write(phone.e164(), work);
  if (!done) co_return done.error();
  co_return token;
}

runtime::awaitable<core::result<core::account>> account_service::reset_password(const caller& who,
                                                                                const core::phone_number& phone,
                                                                                const reset_proof& proof,
                                                                                std::string_view new_password) {
  describe(shared_, who, core::purpose::reset_password, phone);
  // Before the proof is spent.
  if (!core::password_allowed(new_password, phone.e164(), who.dialect, shared_.config.passwords)) {
    co_return core::errc::password_rule;
  }
  const core::epoch_ms now = shared_.time.now();
  const code_check check(shared_, phone, core::purpose::reset_password, {}, proof.code, now);
  const std::string client = client_hash(shared_, who);
  auto first = [&](store::transaction& in) { return prove_reset(in, phone.e164(), proof, check, client, now); };
  auto target = co_await shared_.database.write(phone.e164(), first);
  if (!target) co_return target.error();

  // Only discuzq's clients know "same as the old one"; for the others a forgotten and guessed password is a fine reset.
  const bool refuse_same = who.dialect == core::dialect::discuzq;
  auto hash = [&] {
    return hash_unless_same(shared_.config, new_password, target->old_phc, refuse_same, core::errc::same_password);
  };
  const auto phc = co_await runtime::run_on(shared_.hashes, hash, runtime::urgency::urgent);
  if (!phc) co_return phc.error();

  auto store_it = [&](store::transaction& in) -> core::result<core::account> {
    const std::int64_t uid = target->account.uid;
    // The hash took its time: the number must still be this account's.
    const auto holder = store::accounts::find_identity(in, phone.e164()).get();
    if (!holder || !holder->verified || holder->uid != uid) return core::errc::grant_required;
    store::passwords::record(in, uid, store::passwords::kind::login, *phc, now);
    store::accounts::set_has_password(in, uid, now);
    store::accounts::end_sessions(in, uid, now);
    store::grants::void_reset(in, phone.e164());
    store::passwords::clear_failures(in, phone.e164());
    auto changed = store::accounts::load(in, uid);
    if (!changed) return core::errc::not_registered;
    load_shown(in, shared_, who.dialect, *changed);
    return std::move(*changed);
  };
  co_return co_await shared_.database.write(phone.e164(), store_it);
}

runtime::awaitable<core::result<core::account>> account_service::reset_pay_password(const caller& who,
                                                                                    const principal& owner,
                                                                                    std::string_view code,
                                                                                    std::string_view new_pay_password) {
  if (!core::pay_password_allowed(new_pay_password)) co_return core::errc::pay_password_rule;
  const auto phone = core::stored_phone(owner.account.phone);
  if (!phone) co_return core::errc::wrong_code;  // no number, so no code was ever sent for it
  describe(shared_, who, core::purpose::reset_pay_password, *phone);
  const core::epoch_ms now = shared_.time.now();
  const std::string bound_to = owner.owner();
  const code_check check(shared_, *phone, core::purpose::reset_pay_password, bound_to, code, now);
  auto first = [&](store::transaction& in) -> core::result<std::string> {
    if (!is_alive(in, owner)) return core::errc::invalid_token;
    const auto right = check(in).get();
    if (!right) return right.error();
    const auto stored = store::passwords::find(in, owner.uid, store::passwords::kind::pay);
    return stored ? stored->phc : std::string();
  };
  const auto old_phc = co_await shared_.database.write(phone->e164(), first);
  if (!old_phc) co_return old_phc.error();
  auto hash = [&] {
    return hash_unless_same(shared_.config, new_pay_password, *old_phc, true, core::errc::same_pay_password);
  };
  const auto phc = co_await runtime::run_on(shared_.hashes, hash, runtime::urgency::urgent);
  if (!phc) co_return phc.error();
  auto store_it = [&](store::transaction& in) -> core::result<core::account> {
    if (!is_alive(in, owner)) return core::errc::invalid_token;
    store::passwords::record(in, owner.uid, store::passwords::kind::pay, *phc, now);
    store::accounts::set_has_pay_password(in, owner.uid, now);
    auto changed = store::accounts::load(in, owner.uid);
    if (!changed) return core::errc::not_registered;
    load_shown(in, shared_, who.dialect, *changed);
    return std::move(*changed);
  };
  co_return co_await shared_.database.write(phone->e164(), store_it);
}

runtime::awaitable<core::result<void>> account_service::check_pay_password(const principal& owner,
                                                                           std::string_view pay_password) {
  // No try is charged for a pay password that nobody will look at.
  if (!shared_.hashes.has_room()) co_return core::failure(core::errc::busy, std::int64_t{1});
  const core::epoch_ms now = shared_.time.now();
  const std::string key = std::to_string(owner.uid);
  // Charged before the comparison; a right one gives the tries back.
  auto charge = [&](store::transaction& in) -> core::result<std::string> {
    const auto stored = store::passwords::find(in, owner.uid, store::passwords::kind::pay);
    if (!stored) return core::errc::wrong_pay_password;
    if (!store::passwords::charge_pay_try(in, owner.uid, shared_.config.passwords.pay_password_tries, now)) {
      return core::errc::pay_password_disabled;
    }
    return stored->phc;
  };
  const auto phc = co_await shared_.database.write(key, charge);
  if (!phc) co_return phc.error();
  auto compare = [&]() -> core::result<bool> { return crypto::verify_password(pay_password, *phc); };
  const auto right = co_await runtime::run_on(shared_.hashes, compare);
  if (!right) co_return right.error();
  if (!*right) co_return core::errc::wrong_pay_password;
  auto clear = [&](store::transaction& in) -> core::result<void> {
    store::passwords::clear_pay_tries(in, owner.uid, now);
    return {};
  };
  co_return co_await shared_.database.write(key, clear);
}

}  // namespace smsauth::service
