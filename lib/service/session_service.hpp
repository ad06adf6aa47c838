// Access and refresh tokens over one session row; every check consults the row, so revocation holds at once (TOK-06).
//
// A session's access token has the form its dialect's clients know: discuzq a JWT (ES256 or RS256), module a JWT
// (HS256, integer sub), v4 and smssend 32 hex digits.
#pragma once

#include "core/account.hpp"
#include "core/error.hpp"
#include "runtime/awaitable.hpp"
#include "service/caller.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace smsauth::service {

struct context;

struct token_set {
  std::string access_token;
  std::string refresh_token;            ///< empty in dialects without one (v4, smssend, module)
  std::int64_t expires_in_seconds = 0;  ///< of the access token
};

/// A proved session.
struct principal {
  std::int64_t uid = 0;
  std::string session_id;
  core::account account;

  /// What a code is bound to when it belongs to this session (send_request::owner).
  std::string owner() const { return std::to_string(uid) + ':' + session_id; }
};

struct refreshed {
  std::int64_t uid = 0;
  token_set tokens;
};

class session_service {
 public:
  explicit session_service(context& shared) : shared_(shared) {}

  /// Access token → session and account. Only tokens of who.dialect are good.
  /// Errors: invalid_token (forged, expired, revoked, of another kind, account gone), account_banned, account_pending,
  /// account_rejected, account_ignored, busy, unavailable.
  runtime::awaitable<core::result<principal>> authenticate(const caller& who, std::string_view access_token);

  /// Rotates a refresh token. A replay within the grace gets the same successor; a later one ends the session.
  /// Errors: missing_refresh_token (empty), invalid_refresh_token, account_…, busy, unavailable.
  runtime::awaitable<core::result<refreshed>> refresh(const caller& who, std::string_view refresh_token);

  /// Ends the one session of this access token. Errors: invalid_token, busy, unavailable.
  runtime::awaitable<core::result<void>> sign_out(const caller& who, std::string_view access_token);

  /// {"keys":[…]} of the asymmetric signing keys (RFC 7517 section 5), without a database round trip.
  std::string jwks() const;

 private:
  context& shared_;
};

}  // namespace smsauth::service
