#include "crypto/password.hpp"

#include "crypto/random.hpp"

#include <argon2.h>
#include <doctest/doctest.h>
#include <sodium.h>

#include <array>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace smsauth::crypto;
using namespace std::string_literals;

namespace {

/// Cheap enough for thousands; the product's own parameters are the defaults.
constexpr argon2_parameters cheap{8, 1, 1};

std::string hash_by_libargon2(std::string_view password, const argon2_parameters& parameters, std::string_view salt,
                              std::size_t tag_bytes) {
  std::array<char, 512> encoded{};
  REQUIRE(argon2id_hash_encoded(parameters.iterations, parameters.memory_kib, parameters.parallelism, password.data(),
                                password.size(), salt.data(), salt.size(), tag_bytes, encoded.data(),
                                encoded.size()) == ARGON2_OK);
  return encoded.data();
}

constexpr argon2_parameters parameter_sets[] = {{19456, 2, 1}, {8, 1, 1},  {64, 3, 1}, {1000, 10, 1},
                                                {1024, 2, 2},  {32, 1, 4}, {100, 3, 3}};

}  // namespace

TEST_CASE("a password belongs to its hash and no other does") {
  const std::string phc = hash_password("correct horse", argon2_parameters{});
  CHECK(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(phc.size() == "$argon2id$v=19$m=19456,t=2,p=1$"s.size() + 22 + 1 + 43);
  CHECK(verify_password("correct horse", phc));
  CHECK_FALSE(verify_password("correct horsf", phc));
  CHECK_FALSE(verify_password("", phc));
}

TEST_CASE("the known answers of the Argon2 reference code verify") {
  // test.c of the reference implementation, version 0x13.
  CHECK(verify_password("password",
                        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"));
  CHECK(verify_password("password",
                        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"));
  CHECK(verify_password("password",
                        "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg"));
  CHECK_FALSE(verify_password("passwore",
                              "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"));
}

TEST_CASE("libargon2 verifies our hashes and we verify its, whatever the parameters") {
  for (const argon2_parameters& parameters : parameter_sets) {
    CAPTURE(parameters.memory_kib);
    CAPTURE(parameters.parallelism);
    for (const std::string& password : {"correct horse"s, ""s, "a\0b"s, std::string(1000, 'x'), "密码🔑"s}) {
      const std::string ours = hash_password(password, parameters);
      CHECK(argon2id_verify(ours.c_str(), password.data(), password.size()) == ARGON2_OK);
      const std::string theirs = hash_by_libargon2(password, parameters, "sixteen byte salt"s.substr(0, 16), 32);
      CHECK(verify_password(password, theirs));
      CHECK_FALSE(verify_password(password + "x", theirs));
      CHECK_FALSE(needs_rehash(theirs, parameters));
    }
  }
}

TEST_CASE("hashes with other lengths of salt and tag verify and ask for a new one") {
  for (const std::size_t salt_bytes : {8, 15, 17, 32, 48}) {
    for (const std::size_t tag_bytes : {16, 24, 64}) {
      const std::string phc = hash_by_libargon2("pw", cheap, std::string(salt_bytes, 's'), tag_bytes);
      CHECK(verify_password("pw", phc));
      CHECK_FALSE(verify_password("pv", phc));
      CHECK(needs_rehash(phc, cheap));
    }
  }
}

TEST_CASE("libsodium verifies our hashes and we verify its") {
  REQUIRE(sodium_init() >= 0);
  const std::string ours = hash_password("correct horse", argon2_parameters{});
  CHECK(crypto_pwhash_str_verify(ours.c_str(), "correct horse", 13) == 0);
  std::array<char, crypto_pwhash_STRBYTES> theirs{};
  REQUIRE(crypto_pwhash_argon2id_str(theirs.data(), "correct horse", 13, 2, 19456UL * 1024) == 0);
  CHECK(verify_password("correct horse", theirs.data()));
  CHECK_FALSE(needs_rehash(theirs.data(), argon2_parameters{}));
}

TEST_CASE("nothing of a password is cut off or folded") {
  const std::string prefix(72, 'p');  // where bcrypt stops reading
  const std::string phc = hash_password(prefix + "1", cheap);
  CHECK(verify_password(prefix + "1", phc));
  CHECK_FALSE(verify_password(prefix + "2", phc));
  CHECK_FALSE(verify_password(prefix, phc));

  struct row {
    std::string password;
    std::string other;
  };
  const row rows[] = {
      {"a\0b"s, "a"s},
      {"a\0b"s, "a\0c"s},
      {"\0"s, ""s},
      {"password"s, "Password"s},
      {"password"s, "password "s},
      {" password"s, "password"s},
      {"p\xc3\xa9"s, "pe\xcc\x81"s},  // NFC and NFD differ
  };
  for (const auto& [password, other] : rows) {
    const std::string hash = hash_password(password, cheap);
    CHECK(verify_password(password, hash));
    CHECK_FALSE(verify_password(other, hash));
  }
}

TEST_CASE("long passwords and emoji pass, beyond the limit nothing is hashed") {
  std::string emoji;
  for (int i = 0; i < 64; ++i)
    emoji += "🔑";
  CHECK(verify_password(emoji, hash_password(emoji, cheap)));
  const std::string longest(max_password_bytes, 'x');
  const std::string phc = hash_password(longest, cheap);
  CHECK(verify_password(longest, phc));
  CHECK_FALSE(verify_password(longest + 'x', phc));
  CHECK_THROWS_AS(hash_password(longest + 'x', cheap), std::invalid_argument);
}

TEST_CASE("ten thousand hashes of one password have ten thousand salts") {
  std::set<std::string> salts;
  for (int i = 0; i < 10'000; ++i) {
    const std::string phc = hash_password("same", cheap);
    salts.insert(phc.substr(phc.size() - 43 - 1 - 22, 22));
  }
  CHECK(salts.size() == 10'000);
}

TEST_CASE("a string that is no hash of ours belongs to no password") {
  for (const char* phc :
       {"", "secret", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$$", "$1$abc$def",
        "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"}) {
    CAPTURE(phc);
    CHECK_FALSE(verify_password("", phc));
    CHECK_FALSE(verify_password("secret", phc));
    CHECK(needs_rehash(phc, cheap));
  }
}

TEST_CASE("a stored string cannot order more work than the bounds") {
  const auto before = std::chrono::steady_clock::now();
  CHECK_FALSE(verify_password(
      "x", "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"));
  CHECK_FALSE(verify_password(
      "x", "$argon2id$v=19$m=262144,t=4000000,p=1$c29tZXNhbHRzb21lc2FsdA$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"));
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5));
}

TEST_CASE("a hash made with other parameters is to be replaced") {
  const std::string phc = hash_password("pw", {64, 2, 1});
  CHECK_FALSE(needs_rehash(phc, {64, 2, 1}));
  CHECK(needs_rehash(phc, {65, 2, 1}));
  CHECK(needs_rehash(phc, {64, 3, 1}));
  CHECK(needs_rehash(phc, {64, 2, 2}));
  CHECK(needs_rehash(phc, argon2_parameters{}));
}

TEST_CASE("parameters out of range are a bug of the caller") {
  const argon2_parameters bad[] = {{7, 1, 1}, {262'145, 1, 1}, {8, 0, 1}, {8, 11, 1},
                                   {8, 1, 0}, {15, 1, 2},      {64, 1, 5}};
  for (const argon2_parameters& parameters : bad) {
    CHECK_THROWS_AS(hash_password("pw", parameters), std::invalid_argument);
    CHECK_THROWS_AS(burn_password_time("pw", parameters), std::invalid_argument);
  }
}

TEST_CASE("an unknown account costs what a wrong password costs") {
  using clock = std::chrono::steady_clock;
  const argon2_parameters parameters{4096, 2, 1};
  const std::string phc = hash_password("right", parameters);
  // The quickest of many interleaved runs: what the work takes, without what else the machine did.
  auto verified = clock::duration::max();
  auto burned = clock::duration::max();
  for (int i = 0; i < 15; ++i) {
    const auto start = clock::now();
    verify_password("wrong", phc);
    const auto middle = clock::now();
    burn_password_time("wrong", parameters);
    const auto end = clock::now();
    verified = std::min(verified, middle - start);
    burned = std::min(burned, end - middle);
  }
  CHECK(burned < verified * 3 / 2);
  CHECK(verified < burned * 3 / 2);
}
