#include "crypto/secret.hpp"

#include "crypto/hex.hpp"
#include "crypto/mac.hpp"
#include "crypto/random.hpp"
#include "crypto/weak_key.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <stdexcept>

namespace smsauth::crypto {

namespace {

/// Names this product and the scheme's version, so that a master key reused elsewhere derives other keys there.
constexpr std::string_view derivation_salt = "smsauthd key derivation 1";

sub_key derive_with_info(std::span<const std::byte> master, std::string_view info) {
  sha256_digest derived = hkdf_sha256(master, std::as_bytes(std::span(derivation_salt)), info);
  sub_key key(derived);
  OPENSSL_cleanse(derived.data(), derived.size());
  return key;
}

void require_label(std::string_view label) {
  // Without a NUL in labels, "label NUL period" below is no other label.
  if (label.empty() || label.find('\0') != std::string_view::npos) throw std::logic_error("bad key label");
}

}  // namespace

key_material::key_material(std::span<const std::byte, key_bytes> bytes) noexcept {
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

key_material::key_material(key_material&& other) noexcept : bytes_(other.bytes_) {
  other.wipe();
}

key_material& key_material::operator=(key_material&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    other.wipe();
  }
  return *this;
}

key_material::~key_material() {
  wipe();
}

void key_material::wipe() noexcept {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

core::result<master_key> master_key::from_hex(std::string_view text) {
  auto raw = crypto::from_hex(text, hex_letters::any);
  if (!raw) return core::errc::invalid_field;
  const auto bytes = std::as_bytes(std::span(*raw));
  const bool usable = bytes.size() == key_bytes && !is_guessable(bytes);
  if (!usable) {
    OPENSSL_cleanse(raw->data(), raw->size());
    return core::errc::invalid_field;
  }
  master_key key(bytes.first<key_bytes>());
  OPENSSL_cleanse(raw->data(), raw->size());
  return key;
}

master_key master_key::generate() {
  std::array<std::byte, key_bytes> raw{};
  random_bytes(raw);
  master_key key(raw);
  OPENSSL_cleanse(raw.data(), raw.size());
  return key;
}

sub_key master_key::derive(std::string_view label) const {
  require_label(label);
  return derive_with_info(material_.bytes(), label);
}

sub_key master_key::derive(std::string_view label, std::uint64_t period) const {
  require_label(label);
  std::string info(label);
  info += '\0';
  info += std::to_string(period);
  return derive_with_info(material_.bytes(), info);
}

std::string master_key::to_hex() const {
  return crypto::to_hex(material_.bytes());
}

}  // namespace smsauth::crypto
