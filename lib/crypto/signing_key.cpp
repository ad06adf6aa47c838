#include "crypto/signing_key.hpp"

#include "crypto/asymmetric.hpp"
#include "crypto/equal.hpp"
#include "crypto/hex.hpp"
#include "crypto/mac.hpp"
#include "crypto/random.hpp"
#include "crypto/weak_key.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

namespace smsauth::crypto {

namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(const sha256_digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool is_usable_shared(const std::string& key) {
  return key.size() >= min_hmac_key_bytes && key.size() <= max_hmac_key_bytes && !is_guessable(bytes_of(key));
}

}  // namespace

std::string_view to_string(jwt_algorithm algorithm) noexcept {
  switch (algorithm) {
    case jwt_algorithm::hs256:
      return "HS256";
    case jwt_algorithm::rs256:
      return "RS256";
    case jwt_algorithm::es256:
      return "ES256";
  }
  return {};
}

bool is_kid(std::string_view text) noexcept {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.size() <= max_kid_chars && text.find_first_not_of(allowed) == std::string_view::npos;
}

void signing_key::free_key::operator()(evp_pkey_st* key) const noexcept {
  EVP_PKEY_free(key);
}

signing_key::signing_key(jwt_algorithm algorithm, std::string_view kid, std::string shared, key_pair pair)
    : algorithm_(algorithm), kid_(kid), shared_(std::move(shared)), pair_(std::move(pair)) {}

// A moved-from string of this length has given its heap block away, so nothing is left behind to wipe.
signing_key::signing_key(signing_key&& other) noexcept = default;

signing_key& signing_key::operator=(signing_key&& other) noexcept {
  if (this != &other) {
    wipe();
    algorithm_ = other.algorithm_;
    kid_ = std::move(other.kid_);
    shared_ = std::move(other.shared_);
    pair_ = std::move(other.pair_);
  }
  return *this;
}

signing_key::~signing_key() {
  wipe();
}

void signing_key::wipe() noexcept {
  OPENSSL_cleanse(shared_.data(), shared_.size());
}

signing_key signing_key::generate(jwt_algorithm algorithm, std::string_view kid) {
  if (!is_kid(kid)) throw std::invalid_argument("bad kid for a signing key");
  if (algorithm != jwt_algorithm::hs256) {
    return {algorithm, kid, {}, key_pair(generate_key_pair(algorithm))};
  }
  std::string shared(min_hmac_key_bytes, '\0');
  random_bytes(std::as_writable_bytes(std::span(shared)));
  return {algorithm, kid, std::move(shared), nullptr};
}

core::result<signing_key> signing_key::import_private(jwt_algorithm algorithm, std::string_view kid,
                                                      std::string_view text) {
  if (!is_kid(kid)) return core::errc::invalid_field;
  auto bytes = from_hex(text);
  if (!bytes) return core::errc::invalid_field;
  if (algorithm == jwt_algorithm::hs256) {
    if (is_usable_shared(*bytes)) return signing_key(algorithm, kid, std::move(*bytes), nullptr);
    OPENSSL_cleanse(bytes->data(), bytes->size());
    return core::errc::invalid_field;
  }
  key_pair pair(read_key_pair(algorithm, *bytes));
  OPENSSL_cleanse(bytes->data(), bytes->size());
  if (!pair) return core::errc::invalid_field;
  return signing_key(algorithm, kid, {}, std::move(pair));
}

std::string signing_key::export_private() const {
  if (algorithm_ == jwt_algorithm::hs256) return to_hex(shared_);
  std::string der = write_key_pair(pair_.get());
  std::string text = to_hex(der);
  OPENSSL_cleanse(der.data(), der.size());
  return text;
}

std::string signing_key::public_jwk() const {
  if (algorithm_ == jwt_algorithm::hs256) throw std::logic_error("a shared key has no public half");
  // Neither kid, algorithm nor base64url hold a character that JSON escapes.
  std::string jwk = "{" + public_jwk_members(algorithm_, pair_.get());
  jwk += ",\"kid\":\"" + kid_ + "\",\"use\":\"sig\",\"alg\":\"";
  jwk += to_string(algorithm_);
  jwk += "\"}";
  return jwk;
}

std::string signing_key::signature_of(std::string_view message) const {
  if (algorithm_ == jwt_algorithm::hs256) return text_of(hmac_sha256(bytes_of(shared_), message));
  return asymmetric_signature(algorithm_, pair_.get(), message);
}

bool signing_key::has_signed(std::string_view message, std::string_view signature) const {
  if (algorithm_ == jwt_algorithm::hs256) return equal(signature, text_of(hmac_sha256(bytes_of(shared_), message)));
  return is_asymmetric_signature(algorithm_, pair_.get(), message, signature);
}

}  // namespace smsauth::crypto
