#include "service/session_service.hpp"

#include "crypto/jwt.hpp"
#include "crypto/mac.hpp"
#include "service/context.hpp"
#include "service/session_issue.hpp"
#include "store/account_store.hpp"
#include "store/session_store.hpp"

#include <algorithm>

namespace smsauth::service {

namespace {

constexpr std::size_t opaque_token_digits = 32;
constexpr std::size_t discuzq_jti_digits = 80;
constexpr std::size_t module_jti_letters = 16;

struct presented_token {
  std::string session_id;
  std::int64_t uid = 0;  ///< 0: an opaque token says nothing of its owner
};

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

core::result<presented_token> from_jwt(const context& shared, core::dialect dialect, std::string_view token,
                                       core::epoch_ms now) {
  const bool module = dialect == core::dialect::module;
  const auto algorithm = module                        ? crypto::jwt_algorithm::hs256
                         : shared.config.discuzq_rs256 ? crypto::jwt_algorithm::rs256
                                                       : crypto::jwt_algorithm::es256;
  const auto keys = shared.keys.tokens();
  const auto candidates = keys->verifiers(algorithm, now);
  const std::string issuer =
      module ? shared.config.public_url + shared.config.module_prefix + "/register" : std::string();
  crypto::expectations expected;
  expected.iss = issuer;
  expected.now_seconds = now / core::ms_per_second;
  // Another node's clock may be a little ahead of ours: its tokens are good at once. Their end is the session
  // row's.
  expected.leeway_seconds = crypto::max_future_seconds;
  const auto verified = crypto::verify(token, candidates, expected);
  if (!verified) return core::errc::invalid_token;
  const std::size_t jti_size = module ? module_jti_letters : discuzq_jti_digits;
  if (verified->sub_is_integer != module || verified->jti.size() != jti_size) return core::errc::invalid_token;
  presented_token parts;
  parts.session_id = session_id_of(dialect, verified->jti);
  parts.uid = std::strtoll(verified->sub.c_str(), nullptr, 10);
  return parts;
}

core::result<presented_token> read_token(const context& shared, core::dialect dialect, std::string_view token,
                                         core::epoch_ms now) {
  if (dialect == core::dialect::discuzq || dialect == core::dialect::module)
    return from_jwt(shared, dialect, token, now);
  if (token.size() != opaque_token_digits || !is_lower_hex(token)) return core::errc::invalid_token;
  presented_token parts;
  parts.session_id = session_id_of(dialect, token);
  return parts;
}

// The session's account, if both are alive.
core::result<core::account> live_account(store::transaction& in, const store::sessions::session_row& row) {
  if (row.revoked_at != 0) return core::errc::invalid_token;
  auto owner = store::accounts::load(in, row.uid);
  if (!owner || owner->session_epoch != row.epoch) return core::errc::invalid_token;
  if (const auto refused = core::refusal_of(owner->status)) return *refused;
  return std::move(*owner);
}

}  // namespace

runtime::awaitable<core::result<principal>> session_service::authenticate(const caller& who,
                                                                          std::string_view access_token) {
  const core::epoch_ms now = shared_.time.now();
  const auto presented = read_token(shared_, who.dialect, access_token, now);
  if (!presented) co_return presented.error();
  const std::string_view dialect = core::to_string(who.dialect);
  auto work = [&](store::transaction& in) -> core::result<principal> {
    const auto row = store::sessions::find(in, presented->session_id);
    if (!row || row->dialect != dialect || row->access_expires_at <= now) return core::errc::invalid_token;
    if (presented->uid != 0 && presented->uid != row->uid) return core::errc::invalid_token;
    auto owner = live_account(in, *row);
    if (!owner) return owner.error();
    principal proved;
    proved.uid = row->uid;
    proved.session_id = row->id;
    proved.account = std::move(*owner);
    return proved;
  };
  co_return co_await shared_.database.read(work);
}

runtime::awaitable<core::result<refreshed>> session_service::refresh(const caller& who,
                                                                     std::string_view refresh_token) {
  if (refresh_token.empty()) co_return core::errc::missing_refresh_token;
  const auto parts = read_refresh_token(shared_, refresh_token);
  if (!parts) co_return parts.error();
  const core::epoch_ms now = shared_.time.now();
  const core::session_limits& limits = shared_.config.sessions;
  const std::string_view dialect = core::to_string(who.dialect);
  const std::string seen_hash = crypto::sha256_hex(refresh_token);
  // The successor is a function of session and generation: a replay inside the grace gets the very same one.
  const std::string next = make_refresh_token(shared_, parts->session_id, parts->generation + 1);
  const std::string next_hash = crypto::sha256_hex(next);
  auto work = [&](store::transaction& in) -> core::result<std::int64_t> {
    const auto row = store::sessions::find(in, parts->session_id);
    if (!row || row->dialect != dialect || row->refresh_expires_at <= now) return core::errc::invalid_refresh_token;
    const auto owner = live_account(in, *row);
    if (!owner) {
      return owner.error().code == core::errc::invalid_token ? core::failure(core::errc::invalid_refresh_token)
                                                             : owner.error();
    }
    if (row->refresh_hash == seen_hash) {
      if (store::sessions::rotate(in, row->id, seen_hash, row->refresh_generation, next_hash, now,
                                  now + access_seconds(who.dialect, limits) * core::ms_per_second,
                                  now + limits.refresh_seconds * core::ms_per_second)) {
        return row->uid;
      }
      // Another node rotated it this moment: look again with fresh eyes.
      throw store::sql_error(store::sql_error_kind::refused_open, 0, "session.rotate");
    }
    const bool predecessor = parts->generation + 1 == row->refresh_generation;
    if (predecessor && now - row->refresh_rotated_at <= limits.refresh_grace_seconds * core::ms_per_second)
      return row->uid;
    // Our own MAC is on it, so it was once a good token: somebody has kept a copy. The family ends (RFC 9700
    // section 4.14.2).
    store::sessions::revoke(in, row->id, now);
    return core::errc::invalid_refresh_token;
  };
  const auto uid = co_await shared_.database.write(parts->session_id, work);
  if (!uid) co_return uid.error();
  refreshed result;
  result.uid = *uid;
  result.tokens.access_token = discuzq_access_token(shared_, parts->session_id, *uid, true, now);
  result.tokens.refresh_token = next;
  result.tokens.expires_in_seconds = access_seconds(who.dialect, limits);
  co_return result;
}

runtime::awaitable<core::result<void>> session_service::sign_out(const caller& who, std::string_view access_token) {
  const core::epoch_ms now = shared_.time.now();
  const auto presented = read_token(shared_, who.dialect, access_token, now);
  if (!presented) co_return presented.error();
  const std::string_view dialect = core::to_string(who.dialect);
  auto work = [&](store::transaction& in) -> core::result<void> {
    const auto row = store::sessions::find(in, presented->session_id);
    // v4 and smssend tokens look alike: each ends sessions of its own dialect only (TOK-04).
    if (!row || row->dialect != dialect) return core::errc::invalid_token;
    if (!store::sessions::revoke(in, row->id, now)) return core::errc::invalid_token;
    return {};
  };
  co_return co_await shared_.database.write(presented->session_id, work);
}

std::string session_service::jwks() const {
  return shared_.keys.tokens()->jwks;
}

}  // namespace smsauth::service
