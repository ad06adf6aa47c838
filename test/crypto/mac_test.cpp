#include "crypto/mac.hpp"

#include "crypto/hex.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

using namespace smsauth::crypto;
using namespace std::string_view_literals;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string unhex(std::string_view text) {
  return from_hex(text).value();
}

/// first, first+1, …, last as bytes
std::string counting(int first, int last) {
  std::string text;
  for (int value = first; value <= last; ++value)
    text += static_cast<char>(value);
  return text;
}

}  // namespace

TEST_CASE("SHA-256 has the examples of FIPS 180-4") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("HMAC-SHA-256 has the vectors of RFC 4231") {
  struct row {
    std::string key;
    std::string data;
    std::string_view mac;
  };
  const row rows[] = {
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting(0x01, 0x19), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed "
       "before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  // Twice: the context of the thread carries nothing over, be the last key shorter or longer.
  for (int round = 0; round < 2; ++round) {
    for (const auto& [key, data, mac] : rows)
      CHECK(to_hex(hmac_sha256(bytes_of(key), data)) == mac);
  }
}

TEST_CASE("HKDF-SHA-256 has the vectors of RFC 5869") {
  struct row {
    std::string input_key;
    std::string salt;
    std::string info;
    std::string_view first_block;
  };
  const row rows[] = {
      {std::string(22, '\x0b'), counting(0x00, 0x0c), counting(0xf0, 0xf9),
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"},
      {counting(0x00, 0x4f), counting(0x60, 0xaf), counting(0xb0, 0xff),
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"},
      {std::string(22, '\x0b'), "", "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"},
  };
  for (const auto& [input_key, salt, info, first_block] : rows) {
    CHECK(to_hex(hkdf_sha256(bytes_of(input_key), bytes_of(salt), info)) == first_block);
  }
}

TEST_CASE("an empty HMAC key is a bug, and the thread's context works on after it") {
  CHECK_THROWS_AS(hmac_sha256({}, "data"), std::logic_error);
  CHECK_THROWS_AS(hmac_sha256_hex({}, {"data"}), std::logic_error);
  CHECK(to_hex(hmac_sha256(bytes_of("Jefe"), "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("a MAC over parts is the MAC over each part behind its length") {
  const std::string key(32, 'k');
  const std::string encoded =
      unhex("0000000000000002") + "ab" + unhex("0000000000000000") + unhex("0000000000000001") + "c";
  CHECK(hmac_sha256_hex(bytes_of(key), {"ab", "", "c"}) == to_hex(hmac_sha256(bytes_of(key), encoded)));
}

TEST_CASE("lists of parts that join to one text have different MACs") {
  const std::string key(32, 'k');
  const std::set<std::string> macs = {
      hmac_sha256_hex(bytes_of(key), {"abc"}),
      hmac_sha256_hex(bytes_of(key), {"a", "bc"}),
      hmac_sha256_hex(bytes_of(key), {"ab", "c"}),
      hmac_sha256_hex(bytes_of(key), {"", "abc"}),
      hmac_sha256_hex(bytes_of(key), {"abc", ""}),
      hmac_sha256_hex(bytes_of(key), {"a", "b", "c"}),
      hmac_sha256_hex(bytes_of(key), {"a", "", "bc"}),
      hmac_sha256_hex(bytes_of(key), {}),
      hmac_sha256_hex(bytes_of(key), {""}),
      hmac_sha256_hex(bytes_of(key), {"abc\0"sv}),
  };
  CHECK(macs.size() == 10);
}

TEST_CASE("a key changes the MAC, and threads agree") {
  const std::string here = hmac_sha256_hex(bytes_of("key one"), {"text"});
  CHECK(here != hmac_sha256_hex(bytes_of("key two"), {"text"}));
  std::string there;
  std::thread([&] { there = hmac_sha256_hex(bytes_of("key one"), {"text"}); }).join();
  CHECK(there == here);
}
