// A new session: its row inside the transaction that proves the login, its tokens after the commit.
#pragma once

#include "core/account.hpp"
#include "core/purpose.hpp"
#include "service/context.hpp"
#include "service/session_service.hpp"
#include "store/session_store.hpp"

#include <string>
#include <string_view>

namespace smsauth::service {

/// Random parts are drawn when it is made, so a transaction that runs twice writes the same row.
class session_issue {
 public:
  session_issue(const context& shared, const caller& who, std::string_view device_id, core::epoch_ms now);

  /// Writes the row. Precondition: the account's row is in the same transaction.
  store::gathered<store::sessions::session_insert> record(store::transaction& in, const core::account& owner);
  /// Signs. After the commit, on the I/O thread (ES256 25 us).
  token_set tokens(const core::account& owner) const;

 private:
  const context& shared_;
  core::dialect dialect_;
  core::epoch_ms now_;
  std::string secret_;  ///< the opaque token, or what the JWT's jti is made of
  store::sessions::session_row row_;
};

/// The row id behind an access token's secret part: discuzq the first 32 of jti's 80 digits as they are; module a hash
/// of jti; v4 and smssend a hash of the token, so that the database holds no usable token.
std::string session_id_of(core::dialect dialect, std::string_view secret);

/// Access token of a discuzq session; `scopes` is [null] at login and [] after a refresh, as its clients' server did
/// it.
std::string discuzq_access_token(const context& shared, std::string_view session_id, std::int64_t uid, bool refreshed,
                                 core::epoch_ms now);

/// Refresh tokens: session id, generation, and a MAC over both, so that a forged one is told from an old one without a
/// look into the database; 32 + 8 + 64 hex digits.
struct refresh_parts {
  std::string session_id;
  std::int64_t generation = 0;
};
std::string make_refresh_token(const context& shared, std::string_view session_id, std::int64_t generation);
/// Error: invalid_refresh_token.
core::result<refresh_parts> read_refresh_token(const context& shared, std::string_view token);

std::int64_t access_seconds(core::dialect dialect, const core::session_limits& limits) noexcept;

}  // namespace smsauth::service
