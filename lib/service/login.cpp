// account_service: login by code and login by password.
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

constexpr std::size_t bind_token_length = 40;

// A code login's transaction: everything random is drawn before it, so that it may run twice.
class code_login {
 public:
  code_login(context& shared, const caller& who, const code_login_request& request, std::int64_t spare_uid,
             core::epoch_ms now)
      : shared_(shared),
        who_(who),
        request_(request),
        now_(now),
        check_(shared, request.phone, core::purpose::login, {}, request.code, now),
        session_(shared, who, request.device_id, now) {
    if (request.create_if_missing) fresh_ = new_account(shared, who, request.phone, spare_uid, request.device_id, now);
    if (request.want_bind_token) bind_token_ = crypto::random_alphanumeric(bind_token_length);
  }

  // Nothing: right code, no account.
  store::task<core::result<std::optional<signed_in>>> operator()(store::transaction& in) {
    const auto right = co_await check_(in);
    if (!right) co_return right.error();
    auto found = co_await store::accounts::find_by_phone(in, request_.phone.e164());
    signed_in result;
    if (found && found->verified) {
      result.account = std::move(found->account);
    } else if (request_.create_if_missing) {
      const auto made = co_await create(in, found.has_value());
      if (!made) co_return made.error();
      result.account = fresh_;
      result.created = true;
    } else {
      if (!bind_token_.empty()) {
        store::grants::record_bind_token(in, crypto::sha256_hex(bind_token_), request_.phone.e164(),
                                         now_ + shared_.config.codes.bind_token_seconds * core::ms_per_second);
      }
      co_return std::optional<signed_in>();
    }
    // After the account was made on purpose: with approval on, a first registration succeeds and answers "pending".
    if (const auto refused = core::refusal_of(result.account.status)) co_return *refused;
    if (!result.created) result.device_changed = note_login(in, who_, result.account, request_.device_id, now_);
    co_await session_.record(in, result.account);
    load_shown(in, shared_, who_.dialect, result.account);
    co_return std::optional<signed_in>(std::move(result));
  }

  token_set tokens(const core::account& owner) const { return session_.tokens(owner); }
  const std::string& bind_token() const noexcept { return bind_token_; }

 private:
  store::task<core::result<void>> create(store::transaction& in, bool taken) {
    if (shared_.config.registration == registration_mode::closed) co_return core::errc::registration_closed;
    const auto by =
        request_.invite_code.empty() ? std::nullopt : find_inviter(in, request_.invite_code, who_.dialect, now_);
    const auto made = co_await create_account(in, fresh_, true, taken, now_);
    if (!made) co_return made.error();
    if (by) record_invitation(in, *by, request_.invite_code, fresh_.uid, now_);
    if (!request_.device_id.empty()) store::accounts::record_device(in, fresh_.uid, request_.device_id, now_);
    co_return core::result<void>();
  }

  context& shared_;
  const caller& who_;
  const code_login_request& request_;
  const core::epoch_ms now_;
  const code_check check_;
  session_issue session_;
  core::account fresh_;  ///< only when an account may be made: without a uid there is no user name either
  std::string bind_token_;
};

// What the first transaction of a password login found.
struct password_candidate {
  std::int64_t uid = 0;
  std::string phc;  ///< empty: no such account, or one without a password
  std::optional<store::passwords::login_failures> before;
  store::passwords::login_failures charged;
};

// The password was not compared after all: the failure goes back, unless another try has moved the counter meanwhile.
void take_back(store::transaction& in, const std::string& phone, const password_candidate& candidate,
               core::epoch_ms now) {
  const store::passwords::login_failures before = candidate.before.value_or(store::passwords::login_failures{});
  store::passwords::charge_failure(in, phone, candidate.charged, before, now);
}

core::result<password_candidate> charge_and_load(store::transaction& in, const context& shared,
                                                 const std::string& phone, core::epoch_ms now) {
  const core::password_limits& limits = shared.config.passwords;
  const auto seen = store::passwords::find_failures(in, phone);
  if (seen && seen->retry_at > now)
    return core::failure(core::errc::password_throttled, core::seconds_until(seen->retry_at, now));
  // Charged before the comparison, so that a thousand parallel tries are a thousand failures.
  store::passwords::login_failures next;
  next.failures = (seen ? seen->failures : 0) + 1;
  next.retry_at = now + core::password_delay_seconds(next.failures, limits) * core::ms_per_second;
  if (!store::passwords::charge_failure(in, phone, seen, next, now)) {
    throw store::sql_error(store::sql_error_kind::refused_open, 0, "login_failure");  // another node: run again
  }
  password_candidate candidate;
  candidate.before = seen;
  candidate.charged = next;
  store::passwords::login_password stored = store::passwords::find_login(in, phone);
  candidate.uid = stored.uid;
  candidate.phc = std::move(stored.phc);
  return candidate;
}

struct password_verdict {
  bool right = false;
  std::string better_phc;  ///< set when the stored parameters are not today's (PWD-03)
};

password_verdict compare(const settings& config, std::string_view password, const std::string& phc) {
  password_verdict verdict;
  if (phc.empty()) {
    crypto::burn_password_time(password, hash_parameters(config));
    return verdict;
  }
  verdict.right = crypto::verify_password(password, phc);
  if (verdict.right && crypto::needs_rehash(phc, hash_parameters(config))) {
    verdict.better_phc = crypto::hash_password(password, hash_parameters(config));
  }
  return verdict;
}

}  // namespace

runtime::awaitable<core::result<code_login_outcome>> account_service::login_by_code(const caller& who,
                                                                                    const code_login_request& request) {
  describe(shared_, who, core::purpose::login, request.phone);
  std::int64_t spare_uid = 0;
  if (request.create_if_missing) {
    const auto taken = co_await shared_.uids.next();
    if (!taken) co_return taken.error();
    spare_uid = *taken;
  }
  code_login login(shared_, who, request, spare_uid, shared_.time.now());
  auto done = co_await shared_.database.write(request.phone.e164(), login);
  // After other failures the account may exist all the same ("pending", a lost answer).
  const bool wrong =
      !done && (done.error().code == core::errc::wrong_code || done.error().code == core::errc::phone_locked);
  const bool unused = done && !(*done && (*done)->created);
  if (spare_uid != 0 && (wrong || unused)) shared_.uids.give_back(spare_uid);
  if (!done) co_return done.error();
  code_login_outcome outcome;
  if (*done) {
    outcome.session = std::move(*done);
    outcome.session->tokens = login.tokens(outcome.session->account);
  } else {
    outcome.bind_token = login.bind_token();
  }
  co_return outcome;
}

runtime::awaitable<core::result<signed_in>> account_service::login_by_password(const caller& who,
                                                                               const password_login_request& request) {
  describe(shared_, who, core::purpose::login, request.phone);
  // No failure is charged for a password that nobody will look at.
  if (!shared_.hashes.has_room()) co_return core::failure(core::errc::busy, std::int64_t{1});
  const core::epoch_ms now = shared_.time.now();
  const std::string& phone = request.phone.e164();
  auto load = [&](store::transaction& in) { return charge_and_load(in, shared_, phone, now); };
  const auto candidate = co_await shared_.database.write(phone, load);
  if (!candidate) co_return candidate.error();

  auto hash = [&]() -> core::result<password_verdict> {
    return compare(shared_.config, request.password, candidate->phc);
  };
  const auto verdict = co_await runtime::run_on(shared_.hashes, hash);
  if (!verdict) {
    auto forgive = [&](store::transaction& in) -> core::result<void> {
      take_back(in, phone, *candidate, now);
      return {};
    };
    co_await shared_.database.write(phone, forgive);
    co_return verdict.error();
  }
  if (!verdict->right) co_return core::errc::wrong_password;

  session_issue session(shared_, who, request.device_id, now);
  auto open = [&](store::transaction& in) -> core::result<signed_in> {
    signed_in result;
    auto owner = store::accounts::load(in, candidate->uid);
    const auto stored = store::passwords::find(in, candidate->uid, store::passwords::kind::login);
    // Changed while we hashed: what was right a moment ago is not any more.
    if (!owner || !stored || stored->phc != candidate->phc) return core::errc::wrong_password;
    if (const auto refused = core::refusal_of(owner->status)) return *refused;
    store::passwords::clear_failures(in, phone);
    if (!verdict->better_phc.empty()) {
      store::passwords::replace_hash(in, owner->uid, store::passwords::kind::login, candidate->phc, verdict->better_phc,
                                     now);
    }
    result.account = std::move(*owner);
    result.device_changed = note_login(in, who, result.account, request.device_id, now);
    session.record(in, result.account).get();
    load_shown(in, shared_, who.dialect, result.account);
    return result;
  };
  auto done = co_await shared_.database.write(phone, open);
  if (!done) co_return done.error();
  done->tokens = session.tokens(done->account);
  co_return std::move(*done);
}

}  // namespace smsauth::service
