// account_service: the number of an account, set, proved and changed. Codes are bound to the session that asked
// (OTP-08).
#include "service/account_flow.hpp"
#include "service/code_check.hpp"
#include "store/account_store.hpp"
#include "store/grant_store.hpp"

namespace smsauth::service {

namespace {

core::result<core::account> reload(store::transaction& in, const context& shared, const caller& who, std::int64_t uid) {
  auto found = store::accounts::load(in, uid);
  if (!found) return core::errc::invalid_token;
  load_shown(in, shared, who.dialect, *found);
  return std::move(*found);
}

// The number goes to `uid`, unless a proved owner has it. A squatter without proof loses it (PWD-09).
core::result<void> claim_number(store::transaction& in, const std::string& phone, std::int64_t uid,
                                core::epoch_ms now) {
  const bool claimed = store::accounts::claim_identity(in, phone, uid, true, now).get();
  if (!claimed && !take_over_identity(in, phone, uid, now)) return core::errc::phone_taken;
  return {};
}

}  // namespace

runtime::awaitable<core::result<core::account>> account_service::bind_phone(const caller& who, const principal& owner,
                                                                            const core::phone_number& phone,
                                                                            std::string_view code) {
  describe(shared_, who, core::purpose::bind, phone);
  const core::epoch_ms now = shared_.time.now();
  // Bound to the number alone: any dialect may have sent it (OTP-08 asks for user and session where the number is
  // known).
  const code_check check(shared_, phone, core::purpose::bind, {}, code, now);
  auto work = [&](store::transaction& in) -> core::result<core::account> {
    if (!is_alive(in, owner)) return core::errc::invalid_token;
    const auto right = check(in).get();
    if (!right) return right.error();
    const auto current = store::accounts::load(in, owner.uid);
    if (!current) return core::errc::invalid_token;
    if (!current->phone.empty()) return core::errc::phone_already_bound;
    const auto claimed = claim_number(in, phone.e164(), owner.uid, now);
    if (!claimed) return claimed.error();
    // Two numbers bound at once, each on its own lane: the second finds the account bound when it runs again.
    if (!store::accounts::change_phone(in, owner.uid, {}, phone.e164(), now))
      throw store::sql_error(store::sql_error_kind::refused_open, 0, "bind");
    return reload(in, shared_, who, owner.uid);
  };
  co_return co_await shared_.database.write(phone.e164(), work);
}

runtime::awaitable<core::result<core::account>> account_service::prove_own_phone(const caller& who,
                                                                                 const principal& owner,
                                                                                 std::string_view code) {
  const auto phone = core::stored_phone(owner.account.phone);
  if (!phone) co_return core::errc::wrong_code;
  describe(shared_, who, core::purpose::verify, *phone);
  const core::epoch_ms now = shared_.time.now();
  const std::string bound_to = owner.owner();
  const code_check check(shared_, *phone, core::purpose::verify, bound_to, code, now);
  auto work = [&](store::transaction& in) -> core::result<core::account> {
    if (!is_alive(in, owner)) return core::errc::invalid_token;
    const auto right = check(in).get();
    if (!right) return right.error();
    store::grants::record_rebind(in, owner.uid, owner.session_id, phone->e164(),
                                 now + shared_.config.codes.rebind_proof_seconds * core::ms_per_second);
    return reload(in, shared_, who, owner.uid);
  };
  co_return co_await shared_.database.write(phone->e164(), work);
}

runtime::awaitable<core::result<bool>> account_service::has_rebind_proof(const principal& owner) {
  const core::epoch_ms now = shared_.time.now();
  auto work = [&](store::transaction& in) -> core::result<bool> {
    return store::grants::has_rebind(in, owner.uid, owner.session_id, owner.account.phone, now);
  };
  co_return co_await shared_.database.read(work);
}

runtime::awaitable<core::result<core::account>> account_service::rebind_phone(const caller& who, const principal& owner,
                                                                              const core::phone_number& phone,
                                                                              std::string_view code) {
  describe(shared_, who, core::purpose::rebind, phone);
  if (owner.account.phone == phone.e164()) co_return core::errc::same_phone;
  const core::epoch_ms now = shared_.time.now();
  const std::string bound_to = owner.owner();
  const code_check check(shared_, phone, core::purpose::rebind, bound_to, code, now);
  auto work = [&](store::transaction& in) -> core::result<core::account> {
    if (!is_alive(in, owner)) return core::errc::invalid_token;
    const std::string& old_phone = owner.account.phone;
    if (!store::grants::has_rebind(in, owner.uid, owner.session_id, old_phone, now)) return core::errc::proof_required;
    const auto right = check(in).get();
    if (!right) return right.error();
    const auto claimed = claim_number(in, phone.e164(), owner.uid, now);
    if (!claimed) return claimed.error();
    // Decides between two rebinds at once: the proof is spent once, and the old number is released from this account
    // only.
    if (!store::grants::use_rebind(in, owner.uid, owner.session_id, old_phone, now) ||
        !store::accounts::release_identity(in, old_phone, owner.uid) ||
        !store::accounts::change_phone(in, owner.uid, old_phone, phone.e164(), now)) {
      throw store::sql_error(store::sql_error_kind::refused_open, 0, "rebind");
    }
    store::accounts::end_sessions(in, owner.uid, now);
    return reload(in, shared_, who, owner.uid);
  };
  co_return co_await shared_.database.write(phone.e164(), work);
}

}  // namespace smsauth::service
