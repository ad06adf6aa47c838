// signing_key: the token keys, sealed under the master key, so that every node signs alike.
#pragma once

#include "core/time.hpp"
#include "store/transaction.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace smsauth::store::keys {

struct key_row {
  std::string kid;
  std::string slot;       ///< "es256:1", "es256:2" …: unique, so of two nodes that make the same key one wins
  std::string algorithm;  ///< hs256 rs256 es256, or "check" for the row that proves the master key
  std::string sealed_key;
  core::epoch_ms created_at = 0;
  core::epoch_ms retires_at = 0;  ///< 0 = signs; later = verifies until then
};

/// In order of creation.
std::vector<key_row> load_all(transaction& in);
/// False when the slot is taken: another node made it.
bool record(transaction& in, const key_row& fresh);
/// From now on it only verifies, until `retires_at`.
void retire(transaction& in, std::string_view kid, core::epoch_ms retires_at);

}  // namespace smsauth::store::keys
