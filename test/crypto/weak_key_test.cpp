#include "crypto/weak_key.hpp"

#include "crypto/hex.hpp"
#include "crypto/mac.hpp"
#include "crypto/random.hpp"
#include "crypto/secret.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

using namespace smsauth::crypto;

namespace {

bool guessable(std::string_view key) {
  return is_guessable(std::as_bytes(std::span(key)));
}

std::string repeated(std::string_view text, std::size_t length) {
  std::string out;
  while (out.size() < length)
    out += text;
  out.resize(length);
  return out;
}

std::string counting(int first, int step) {
  std::string out;
  for (int i = 0; i < 32; ++i)
    out += static_cast<char>(first + i * step);
  return out;
}

// 51 entries of public lists of JWT secrets and passwords.
constexpr std::string_view well_known[] = {
    "secret",        "secret123",   "secretkey",    "secret-key",     "secret_key", "mysecret",        "mysecretkey",
    "my-secret-key", "supersecret", "super-secret", "supersecretkey", "topsecret",  "your_jwt_secret", "jwt_secret",
    "jwt-secret",    "jwtsecret",   "jwt",          "token",          "key",        "private",         "password",
    "Password1",     "password123", "passw0rd",     "123456",         "12345678",   "123456789",       "1234567890",
    "qwerty",        "abc123",      "admin",        "root",           "test",       "testing",         "default",
    "example",       "changeme",    "change-me",    "changeit",       "letmein",    "hello",           "hello world",
    "dev",           "development", "production",   "smsauthd",       "smsauth",    "laravel",         "keyboard cat",
    "hunter2",       "foobar",
};

}  // namespace

TEST_CASE("well-known secrets are refused as they are, padded, repeated and hashed") {
  static_assert(std::size(well_known) == 51);
  for (const std::string_view word : well_known) {
    CAPTURE(word);
    CHECK(master_key::from_hex(word).has_error());
    std::string padded(word);
    padded.resize(32, '\0');
    CHECK(master_key::from_hex(to_hex(padded)).has_error());
    CHECK(master_key::from_hex(to_hex(std::string(32 - word.size(), '\0') + std::string(word))).has_error());
    CHECK(master_key::from_hex(to_hex(repeated(word, 32))).has_error());
    CHECK(master_key::from_hex(sha256_hex(word)).has_error());
  }
  CHECK(master_key::from_hex(sha256_hex("")).has_error());
  CHECK(master_key::from_hex(sha256_hex("your-256-bit-secret")).has_error());
}

TEST_CASE("keys with a pattern are refused") {
  for (int value = 0; value < 256; ++value) {
    CAPTURE(value);
    CHECK(guessable(std::string(32, static_cast<char>(value))));  // all equal
    CHECK(guessable(counting(value, 1)));                         // 00 01 02 …
    CHECK(guessable(counting(value, -1)));
    CHECK(guessable(counting(0, value)));
  }
  for (const std::string_view text :
       {"deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",  // repeats after half the key
        "7c9e3f1a5b2d48e6901fc47c9e3f1a5b2d48e6901fc47c9e3f1a5b2d48e6901f",  // period 11: does not divide 32
        "7c9e3f1a5b2d48e6901fc4a37be85d12f60a9b84d3e7215c0000000000000000",  // 24 bytes and padding
        "ffffffffffffffff7c9e3f1a5b2d48e6901fc4a37be85d12f60a9b84d3e7215c"}) {
    CAPTURE(text);
    CHECK(guessable(from_hex(text).value()));
  }
}

TEST_CASE("text is no key, however long") {
  CHECK(guessable("correct horse battery staple 42!"));
  CHECK(guessable("7c9e3f1a5b2d48e6901fc4a37be85d12"));  // 32 hex digits taken for 32 bytes
  CHECK(guessable("this is a rather long sentence that somebody took for a signing key\r\n"));
}

TEST_CASE("keys printed in standards and manuals are refused") {
  for (const std::string_view text : {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                                      "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                                      "c47b0294dbbbee0fec4757f22ffeee3587ca4730c3d33b691df38bab076bc558",
                                      "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
                                      "0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d"}) {
    CAPTURE(text);
    CHECK(guessable(from_hex(text).value()));
  }
}

TEST_CASE("a key of fewer than 256 bits is refused, random as it may be") {
  for (std::size_t length = 0; length < 32; ++length)
    CHECK(guessable(from_hex(random_hex(length)).value()));
}

TEST_CASE("random keys pass") {
  for (int i = 0; i < 2000; ++i) {
    CHECK_FALSE(guessable(from_hex(random_hex(32)).value()));
    CHECK_FALSE(guessable(from_hex(random_hex(64)).value()));
  }
}
