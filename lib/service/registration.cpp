// account_service: registration by code, in two transactions around the password hash. The first consumes the code;
// only who proved the number makes us compute a hash, so that strangers cannot keep the hash lane busy.
#include "core/verification.hpp"
#include "service/account_flow.hpp"
#include "service/code_check.hpp"
#include "store/account_store.hpp"
#include "store/password_store.hpp"

namespace smsauth::service {

namespace {

enum class next_step : std::uint8_t { create, sign_in };

// Everything that can be said before the code is touched.
core::result<void> check_fields(const settings& config, const caller& who, const registration_request& request) {
  if (config.registration == registration_mode::closed) return core::errc::registration_closed;
  if (request.password &&
      !core::password_allowed(*request.password, request.phone.e164(), who.dialect, config.passwords)) {
    return core::errc::password_rule;
  }
  if (!request.pay_password.empty() && !core::pay_password_allowed(request.pay_password))
    return core::errc::pay_password_rule;
  return {};
}

// First transaction: invite, code, and whether the number is free.
core::result<next_step> prove(store::transaction& in, const registration_request& request, const caller& who,
                              const code_check& check, core::epoch_ms now) {
  if (request.invite_must_exist && !request.invite_code.empty() &&
      !find_inviter(in, request.invite_code, who.dialect, now)) {
    return core::errc::invite_invalid;
  }
  if (!request.code_optional) {
    const auto right = check(in).get();
    if (!right) return right.error();
  }
  const auto found = store::accounts::find_by_phone(in, request.phone.e164()).get();
  if (!found) return next_step::create;
  if (!found->verified && !request.code_optional) return next_step::create;  // the real owner takes over
  if (request.sign_in_passwordless && !request.code_optional && found->verified && !found->account.has_password) {
    return next_step::sign_in;
  }
  return core::errc::already_registered;
}

struct hashes {
  std::string login;
  std::string pay;
};

core::result<signed_in> create(store::transaction& in, context& shared, const caller& who,
                               const registration_request& request, const core::account& fresh, const hashes& phc,
                               session_issue& session, core::epoch_ms now) {
  signed_in result;
  result.account = fresh;
  result.account.has_password = !phc.login.empty();
  result.account.has_pay_password = !phc.pay.empty();
  const auto made = create_account(in, result.account, !request.code_optional, false, now).get();
  if (!made) return made.error();
  if (!phc.login.empty()) store::passwords::record(in, fresh.uid, store::passwords::kind::login, phc.login, now);
  if (!phc.pay.empty()) store::passwords::record(in, fresh.uid, store::passwords::kind::pay, phc.pay, now);
  store::passwords::clear_failures(in, request.phone.e164());
  if (!request.invite_code.empty()) {
    if (const auto by = find_inviter(in, request.invite_code, who.dialect, now)) {
      record_invitation(in, *by, request.invite_code, fresh.uid, now);
    }
  }
  if (!request.device_id.empty()) store::accounts::record_device(in, fresh.uid, request.device_id, now);
  result.created = true;
  if (const auto refused = core::refusal_of(result.account.status)) return *refused;
  if (request.open_session) session.record(in, result.account).get();
  load_shown(in, shared, who.dialect, result.account);
  return result;
}

core::result<signed_in> sign_in(store::transaction& in, context& shared, const caller& who,
                                const registration_request& request, session_issue& session, core::epoch_ms now) {
  auto found = store::accounts::find_by_phone(in, request.phone.e164()).get();
  if (!found || !found->verified || found->account.has_password) return core::errc::already_registered;
  signed_in result;
  result.account = std::move(found->account);
  if (const auto refused = core::refusal_of(result.account.status)) return *refused;
  result.device_changed = note_login(in, who, result.account, request.device_id, now);
  session.record(in, result.account).get();
  load_shown(in, shared, who.dialect, result.account);
  return result;
}

}  // namespace

runtime::awaitable<core::result<signed_in>> account_service::register_account(const caller& who,
                                                                              const registration_request& request) {
  describe(shared_, who, core::purpose::register_account, request.phone);
  const auto fine = check_fields(shared_.config, who, request);
  if (!fine) co_return fine.error();
  const core::epoch_ms now = shared_.time.now();
  const std::string& phone = request.phone.e164();
  if (request.invite_must_exist && !request.invite_code.empty() && shared_.config.address_limits) {
    // "No such invite" is said before the code is touched, so asking must not be free: invite codes tell of accounts.
    const auto charged = shared_.addresses.charge(who.limit_key, address_action::lookup, now);
    if (!charged) co_return charged.error();
  }
  if (request.code_optional) {
    // Nothing proves the number, so a stranger would get rows and hashes for free: it costs what a send costs, and the
    // hash waits behind those of owners.
    if (!shared_.hashes.has_room()) co_return core::failure(core::errc::busy, std::int64_t{1});
    if (shared_.config.address_limits) {
      const auto charged = shared_.addresses.charge(who.limit_key, address_action::send, now);
      if (!charged) co_return charged.error();
    }
  }
  const auto how = request.code_optional ? runtime::urgency::normal : runtime::urgency::urgent;

  const code_check check(shared_, request.phone, core::purpose::register_account, {}, request.code, now);
  auto first = [&](store::transaction& in) { return prove(in, request, who, check, now); };
  const auto step = co_await shared_.database.write(phone, first);
  if (!step) co_return step.error();

  session_issue session(shared_, who, request.device_id, now);
  core::result<signed_in> done = core::errc::internal;
  if (*step == next_step::sign_in) {
    auto work = [&](store::transaction& in) { return sign_in(in, shared_, who, request, session, now); };
    done = co_await shared_.database.write(phone, work);
  } else {
    hashes phc;
    if (request.password) {
      auto made = co_await hash_on_lane(shared_, *request.password, how);
      if (!made) co_return made.error();
      phc.login = std::move(*made);
    }
    if (!request.pay_password.empty()) {
      auto made = co_await hash_on_lane(shared_, request.pay_password, how);
      if (!made) co_return made.error();
      phc.pay = std::move(*made);
    }
    const auto uid = co_await shared_.uids.next();
    if (!uid) co_return uid.error();
    core::account fresh = new_account(shared_, who, request.phone, *uid, request.device_id, now);
    fresh.name = request.name;
    fresh.gender = request.gender;
    auto work = [&](store::transaction& in) { return create(in, shared_, who, request, fresh, phc, session, now); };
    done = co_await shared_.database.write(phone, work);
  }
  if (!done) co_return done.error();
  if (request.open_session) done->tokens = session.tokens(done->account);
  co_return std::move(*done);
}

}  // namespace smsauth::service
