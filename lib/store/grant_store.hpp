// Short-lived, single-use proofs: reset_grant (one per phone), rebind_proof (one per account), bind_token
// (no_bind_user).
#pragma once

#include "core/time.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::store::grants {

/// The newest grant of a phone replaces the one before.
void record_reset(transaction& in, std::string_view phone, std::string_view token_hash, std::string_view client_hash,
                  std::string_view device_id, core::epoch_ms expires_at);
/// Spends the phone's grant by its token; true once.
bool use_reset_by_token(transaction& in, std::string_view phone, std::string_view token_hash, core::epoch_ms now);
/// Spends it for an old client: same phone, client address and user agent (hashed together).
bool use_reset_by_client(transaction& in, std::string_view phone, std::string_view client_hash, core::epoch_ms now);
/// A new send of a reset code, or a reset, voids what is open.
void void_reset(transaction& in, std::string_view phone);

/// Proof that `session_id` of `uid` holds the phone it has now.
void record_rebind(transaction& in, std::int64_t uid, std::string_view session_id, std::string_view phone,
                   core::epoch_ms expires_at);
bool has_rebind(transaction& in, std::int64_t uid, std::string_view session_id, std::string_view phone,
                core::epoch_ms now);
bool use_rebind(transaction& in, std::int64_t uid, std::string_view session_id, std::string_view phone,
                core::epoch_ms now);

void record_bind_token(transaction& in, std::string_view token_hash, std::string_view phone, core::epoch_ms expires_at);
/// The phone of the token, once.
std::optional<std::string> use_bind_token(transaction& in, std::string_view token_hash, core::epoch_ms now);

/// Deletes what has expired in the key range (after, last]; returns last, empty at the end of the table.
std::string purge_bind_tokens_after(transaction& in, std::string_view after, core::epoch_ms now, std::int64_t limit);

/// Deletes what is long over in the key range (after, last]; returns last, empty at the end of the table.
std::string purge_resets_after(transaction& in, std::string_view after, core::epoch_ms now, std::int64_t limit);

}  // namespace smsauth::store::grants
