#include "service/keyring.hpp"

#include "crypto/random.hpp"
#include "crypto/seal.hpp"
#include "store/key_store.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace smsauth::service {

namespace {

using crypto::jwt_algorithm;

constexpr std::array all_algorithms{jwt_algorithm::hs256, jwt_algorithm::es256, jwt_algorithm::rs256};

// Names in the database, in lower case: "hs256".
std::string_view stored_name(jwt_algorithm algorithm) {
  switch (algorithm) {
    case jwt_algorithm::hs256:
      return "hs256";
    case jwt_algorithm::rs256:
      return "rs256";
    case jwt_algorithm::es256:
      return "es256";
  }
  return "";
}

std::optional<jwt_algorithm> parse_algorithm(std::string_view name) {
  for (const jwt_algorithm each : all_algorithms) {
    if (stored_name(each) == name) return each;
  }
  return std::nullopt;
}

}  // namespace

const crypto::signing_key* token_keys::signer(jwt_algorithm algorithm, core::epoch_ms now) const {
  const crypto::signing_key* chosen = nullptr;
  for (const entry& each : entries) {
    if (each.key->algorithm() != algorithm) continue;
    if (each.retires_at != 0 && each.retires_at <= now) continue;
    if (chosen == nullptr || each.created_at + keyring::activation_ms <= now) chosen = each.key.get();
  }
  return chosen;
}

std::vector<const crypto::signing_key*> token_keys::verifiers(jwt_algorithm algorithm, core::epoch_ms now) const {
  std::vector<const crypto::signing_key*> all;
  for (const entry& each : entries) {
    if (each.key->algorithm() == algorithm && (each.retires_at == 0 || each.retires_at > now))
      all.push_back(each.key.get());
  }
  return all;
}

keyring::keyring(const crypto::master_key& master)
    : code_mac_(master.derive("code-mac")),
      outbox_seal_(master.derive("outbox-seal")),
      refresh_mac_(master.derive("refresh-token-mac")),
      client_mac_(master.derive("client-mac")),
      log_mac_(master.derive("log-phone-mac")),
      key_seal_(master.derive("signing-key-seal")),
      tokens_(std::make_shared<token_keys>()) {}

std::shared_ptr<const token_keys> keyring::tokens() const {
  const std::scoped_lock lock(mutex_);
  return tokens_;
}

void keyring::create(store::transaction& in, jwt_algorithm algorithm, std::int64_t slot, core::epoch_ms now) {
  const std::string kid = crypto::random_hex(8);
  const crypto::signing_key fresh = crypto::signing_key::generate(algorithm, kid);
  store::keys::key_row row;
  row.kid = kid;
  row.slot = std::string(stored_name(algorithm)) + ':' + std::to_string(slot);
  row.algorithm = stored_name(algorithm);
  row.sealed_key = crypto::seal(key_seal_, fresh.export_private(), kid);
  row.created_at = now;
  store::keys::record(in, row);  // false: another node was first, its key is read below
}

void keyring::load(store::transaction& in, core::epoch_ms now, bool create_missing, bool with_rs256) {
  auto rows = store::keys::load_all(in);
  if (create_missing) {
    for (const jwt_algorithm each : all_algorithms) {
      if (each == jwt_algorithm::rs256 && !with_rs256) continue;
      const bool have =
          std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.algorithm == stored_name(each); });
      if (!have) create(in, each, 1, now);
    }
    rows = store::keys::load_all(in);
  }
  auto loaded = std::make_shared<token_keys>();
  std::string jwks;
  for (const store::keys::key_row& row : rows) {
    if (row.retires_at != 0 && row.retires_at <= now) continue;
    const auto algorithm = parse_algorithm(row.algorithm);
    const auto text = crypto::open(key_seal_, row.sealed_key, row.kid);
    if (!algorithm || !text) throw wrong_master_key();
    auto key = crypto::signing_key::import_private(*algorithm, row.kid, *text);
    if (!key) throw wrong_master_key();
    if (*algorithm != jwt_algorithm::hs256) jwks += (jwks.empty() ? "" : ",") + key->public_jwk();
    loaded->entries.push_back(
        {std::make_shared<const crypto::signing_key>(std::move(*key)), row.created_at, row.retires_at});
  }
  loaded->jwks = R"({"keys":[)" + jwks + "]}";
  const std::scoped_lock lock(mutex_);
  tokens_ = std::move(loaded);
}

int keyring::rotate(store::transaction& in, core::epoch_ms now, std::int64_t overlap_ms) {
  std::map<std::string, std::int64_t> slots;
  const auto rows = store::keys::load_all(in);
  for (const auto& row : rows)
    ++slots[row.algorithm];
  for (const auto& row : rows) {
    // The old key signs until the new one is active everywhere, and verifies for the life of what it signed.
    if (row.retires_at == 0) store::keys::retire(in, row.kid, now + activation_ms + overlap_ms);
  }
  int made = 0;
  for (const auto& [name, count] : slots) {
    if (const auto algorithm = parse_algorithm(name)) {
      create(in, *algorithm, count + 1, now);
      ++made;
    }
  }
  return made;
}

}  // namespace smsauth::service
