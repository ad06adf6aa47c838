#include "crypto/legacy_mac.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <climits>
#include <cstddef>
#include <stdexcept>

namespace smsauth::crypto {

namespace {

const EVP_MD* algorithm(digest_name name) noexcept {
  switch (name) {
    case digest_name::md5:
      return EVP_md5();
    case digest_name::sha1:
      return EVP_sha1();
    case digest_name::sha256:
      return EVP_sha256();
    case digest_name::sha512:
      break;
  }
  return EVP_sha512();
}

/// Never what OpenSSL queued as its error: nothing of a secret may reach a log.
[[noreturn]] void fail() {
  throw std::runtime_error("OpenSSL could not hash");
}

using output = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string text_of(const output& bytes, unsigned int length) {
  return {reinterpret_cast<const char*>(bytes.data()), length};
}

}  // namespace

std::string hash(digest_name name, std::string_view data) {
  output bytes{};
  unsigned int length = 0;
  if (EVP_Digest(data.data(), data.size(), bytes.data(), &length, algorithm(name), nullptr) != 1) fail();
  return text_of(bytes, length);
}

std::string hmac(digest_name name, std::span<const std::byte> key, std::string_view data) {
  if (key.empty()) throw std::logic_error("HMAC with an empty key");
  if (key.size() > INT_MAX) fail();
  output bytes{};
  unsigned int length = 0;
  const auto* message = reinterpret_cast<const unsigned char*>(data.data());
  if (HMAC(algorithm(name), key.data(), static_cast<int>(key.size()), message, data.size(), bytes.data(), &length) ==
      nullptr)
    fail();
  return text_of(bytes, length);
}

std::string hmac(digest_name name, std::string_view key, std::string_view data) {
  return hmac(name, std::as_bytes(std::span(key)), data);
}

}  // namespace smsauth::crypto
