#include "crypto/legacy_mac.hpp"

#include "crypto/hex.hpp"
#include "crypto/mac.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>

using namespace smsauth::crypto;

TEST_CASE("Hashes that providers name have the examples of RFC 1321 and FIPS 180-4") {
  CHECK(to_hex(hash(digest_name::md5, "")) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(to_hex(hash(digest_name::md5, "message digest")) == "f96b697d7cb7938d525a2f31aaf161d0");
  CHECK(to_hex(hash(digest_name::sha1, "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(to_hex(hash(digest_name::sha256, "abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(hash(digest_name::sha512, "abc")) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST_CASE("HMACs that providers name have the vectors of RFC 2202 and RFC 4231") {
  struct row {
    digest_name name;
    std::string key;
    std::string data;
    std::string_view mac;
  };
  const std::string large_key(80, '\xaa');
  const std::string_view large_text = "Test Using Larger Than Block-Size Key - Hash Key First";
  const row rows[] = {
      {digest_name::md5, std::string(16, '\x0b'), "Hi There", "9294727a3638bb1c13f48ef8158bfc9d"},
      {digest_name::md5, "Jefe", "what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738"},
      {digest_name::md5, large_key, std::string(large_text), "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"},
      {digest_name::sha1, std::string(20, '\x0b'), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"},
      {digest_name::sha1, "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
      {digest_name::sha1, large_key, std::string(large_text), "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
      {digest_name::sha512, "Jefe", "what do ya want for nothing?",
       "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
       "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
  };
  for (const row& r : rows) {
    CAPTURE(r.mac);
    CHECK(to_hex(hmac(r.name, r.key, r.data)) == r.mac);
  }
}

TEST_CASE("HMAC-SHA-256 by name equals that of mac.hpp, over bytes of any value") {
  std::string all;
  for (int value = 0; value < 256; ++value)
    all += static_cast<char>(value);
  CHECK(to_hex(hmac(digest_name::sha256, all, all)) ==
        to_hex(hmac_sha256(std::as_bytes(std::span(all.data(), all.size())), all)));
}

TEST_CASE("An HMAC by name takes no empty key, and empty data") {
  CHECK_THROWS_AS(hmac(digest_name::sha1, "", "data"), std::logic_error);
  CHECK(to_hex(hmac(digest_name::sha1, "key", "")) == "f42bb0eeb018ebbd4597ae7213711ec60760843f");
}
