// session: one row per login. Every token check reads it, so a revocation holds at once and for ever.
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

namespace smsauth::store::sessions {

struct session_row {
  std::string id;
  std::int64_t uid = 0;
  std::string dialect;
  std::int64_t epoch = 0;  ///< of the account when the session began; dead when the account's is newer
  std::string device_id;
  std::string address;
  core::epoch_ms created_at = 0;
  core::epoch_ms access_expires_at = 0;
  std::string refresh_hash;  ///< SHA-256 of the current refresh token, hex; empty = no refresh token
  std::int64_t refresh_generation = 0;
  core::epoch_ms refresh_rotated_at = 0;
  core::epoch_ms refresh_expires_at = 0;
  core::epoch_ms revoked_at = 0;
};

struct session_insert {
  const session_row* fresh;

  static step_kind kind() noexcept { return {}; }
  static void run(transaction& in, std::span<session_insert* const> all);
};
gathered<session_insert> create(transaction& in, const session_row& fresh);
std::optional<session_row> find(transaction& in, std::string_view id);

/// One statement moves the session to its next refresh token; false when the seen one is not the current one any more.
bool rotate(transaction& in, std::string_view id, std::string_view seen_hash, std::int64_t seen_generation,
            std::string_view next_hash, core::epoch_ms now, core::epoch_ms access_expires_at,
            core::epoch_ms refresh_expires_at);
/// True when this call ended it.
bool revoke(transaction& in, std::string_view id, core::epoch_ms now);

/// Deletes rows of the key range (after, last] that cannot come alive again; `last` is the end of the next `limit`
/// keys. Returns `last`, empty at the end of the table.
std::string purge_after(transaction& in, std::string_view after, core::epoch_ms now, std::int64_t limit);

}  // namespace smsauth::store::sessions
