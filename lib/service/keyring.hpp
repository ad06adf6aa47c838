// Every key in use: those derived from the master key, and the token keys that all nodes share through the database.
#pragma once

#include "core/time.hpp"
#include "crypto/secret.hpp"
#include "crypto/signing_key.hpp"
#include "store/transaction.hpp"

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::service {

/// The database's keys were sealed under another master key: refuse to start, or every session would die (PWD-04).
class wrong_master_key : public std::runtime_error {
 public:
  wrong_master_key() : std::runtime_error("the database was set up with another master key") {}
};

/// The token keys as they were at one moment; never changed, replaced as a whole.
struct token_keys {
  struct entry {
    std::shared_ptr<const crypto::signing_key> key;
    core::epoch_ms created_at = 0;
    core::epoch_ms retires_at = 0;  ///< 0 = in use
  };
  std::vector<entry> entries;  ///< in order of creation
  std::string jwks = R"({"keys":[]})";

  /// The key that signs at `now`: the newest that every node has had time to load, or the only one.
  const crypto::signing_key* signer(crypto::jwt_algorithm algorithm, core::epoch_ms now) const;
  /// All keys of an algorithm that may still verify at `now`.
  std::vector<const crypto::signing_key*> verifiers(crypto::jwt_algorithm algorithm, core::epoch_ms now) const;
};

class keyring {
 public:
  explicit keyring(const crypto::master_key& master);

  const crypto::sub_key& code_mac() const noexcept { return code_mac_; }
  const crypto::sub_key& outbox_seal() const noexcept { return outbox_seal_; }
  const crypto::sub_key& refresh_mac() const noexcept { return refresh_mac_; }
  const crypto::sub_key& client_mac() const noexcept { return client_mac_; }
  const crypto::sub_key& log_mac() const noexcept { return log_mac_; }

  std::shared_ptr<const token_keys> tokens() const;

  /// Reads the keys; makes the ones that are missing when `create`. Of several nodes at their first start one makes
  /// each key and the others read it. Throws wrong_master_key, sql_error.
  void load(store::transaction& in, core::epoch_ms now, bool create, bool with_rs256);
  /// A new key for every algorithm in use; the old ones verify for `overlap_ms` more (TOK-11). Returns how many.
  int rotate(store::transaction& in, core::epoch_ms now, std::int64_t overlap_ms);

  /// How long a fresh key waits until it signs: the 300 s for which caches keep our JWK set, and three reload intervals
  /// of our own nodes.
  static constexpr std::int64_t activation_ms = 315'000;
  static constexpr std::int64_t reload_interval_ms = 5'000;

 private:
  void create(store::transaction& in, crypto::jwt_algorithm algorithm, std::int64_t slot, core::epoch_ms now);

  crypto::sub_key code_mac_;
  crypto::sub_key outbox_seal_;
  crypto::sub_key refresh_mac_;
  crypto::sub_key client_mac_;
  crypto::sub_key log_mac_;
  crypto::sub_key key_seal_;
  mutable std::mutex mutex_;
  std::shared_ptr<const token_keys> tokens_;
};

}  // namespace smsauth::service
