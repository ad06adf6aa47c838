#include "crypto/weak_key.hpp"

#include "crypto/equal.hpp"
#include "crypto/hex.hpp"
#include "crypto/mac.hpp"

#include <algorithm>
#include <bitset>
#include <string_view>

namespace smsauth::crypto {

namespace {

constexpr std::size_t shortest_key_bytes = 32;  // 256 bits: as long as the hash (RFC 7518 section 3.2)
constexpr std::size_t padding_bytes = 8;        // equal bytes in a row; a 10^-15 event
constexpr std::size_t fewest_values = 16;       // 32 random bytes have 30 on average; below 16 is a 10^-15 event

/// Top entries of the public JWT secret and password lists, and the defaults of frameworks.
constexpr std::string_view well_known_secrets[] = {
    "",
    "secret",
    "Secret",
    "SECRET",
    "secret123",
    "secretkey",
    "secret-key",
    "secret_key",
    "mysecret",
    "mysecretkey",
    "my-secret-key",
    "supersecret",
    "super-secret",
    "supersecretkey",
    "topsecret",
    "your-256-bit-secret",
    "your_jwt_secret",
    "your-secret-key",
    "jwt_secret",
    "jwt-secret",
    "jwtsecret",
    "jwt",
    "token",
    "key",
    "private",
    "password",
    "Password1",
    "password123",
    "passw0rd",
    "123456",
    "12345678",
    "123456789",
    "1234567890",
    "qwerty",
    "abc123",
    "admin",
    "root",
    "test",
    "testing",
    "default",
    "example",
    "changeme",
    "change-me",
    "changeit",
    "letmein",
    "hello",
    "hello world",
    "dev",
    "development",
    "production",
    "smsauthd",
    "smsauth",
    "laravel",
    "django-insecure",
    "thisisasecret",
    "keyboard cat",
    "hunter2",
    "foobar",
    "0",
    "1",
};

/// Printed keys that pass the other rules.
constexpr std::string_view printed_keys[] = {
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",  // NIST SP 800-38A appendix F
    "c47b0294dbbbee0fec4757f22ffeee3587ca4730c3d33b691df38bab076bc558",  // NIST AESAVS, KeySbox
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",  // first key of two Ethereum test tools
    "0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d",  // Bitcoin wiki's example private key
};

bool counts(std::span<const std::byte> key) {
  const auto step = [&](std::size_t i) { return std::to_integer<int>(key[i]) - std::to_integer<int>(key[i - 1]); };
  for (std::size_t i = 2; i < key.size(); ++i) {
    if (((step(i) - step(1)) & 0xff) != 0) return false;
  }
  return true;
}

bool repeats(std::span<const std::byte> key) {
  for (std::size_t period = 1; period <= key.size() / 2; ++period) {
    if (std::equal(key.begin() + static_cast<std::ptrdiff_t>(period), key.end(), key.begin())) return true;
  }
  return false;
}

bool has_padding(std::span<const std::byte> key) {
  std::size_t run = 1;
  for (std::size_t i = 1; i < key.size(); ++i) {
    run = key[i] == key[i - 1] ? run + 1 : 1;
    if (run == padding_bytes) return true;
  }
  return false;
}

bool has_few_values(std::span<const std::byte> key) {
  std::bitset<256> seen;
  for (const std::byte b : key.first(shortest_key_bytes))
    seen.set(std::to_integer<std::size_t>(b));
  return seen.count() < fewest_values;
}

bool is_text(std::span<const std::byte> key) {
  return std::all_of(key.begin(), key.end(), [](std::byte b) {
    const auto c = std::to_integer<int>(b);
    return (c >= 0x20 && c < 0x7f) || (c >= '\t' && c <= '\r');
  });
}

bool is_published(std::span<const std::byte> key) {
  const std::string hex = to_hex(key);
  const auto is_key = [&](std::string_view printed) { return equal(hex, printed); };
  const auto is_digest = [&](std::string_view secret) { return equal(hex, sha256_hex(secret)); };
  return std::any_of(std::begin(printed_keys), std::end(printed_keys), is_key) ||
         std::any_of(std::begin(well_known_secrets), std::end(well_known_secrets), is_digest);
}

}  // namespace

bool is_guessable(std::span<const std::byte> key) {
  return key.size() < shortest_key_bytes || counts(key) || repeats(key) || has_padding(key) || has_few_values(key) ||
         is_text(key) || is_published(key);
}

}  // namespace smsauth::crypto
