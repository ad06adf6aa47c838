#include "crypto/seal.hpp"

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

sub_key key_of(std::string_view hex) {
  const std::string raw = from_hex(hex).value();
  return sub_key(std::as_bytes(std::span(raw)).first<key_bytes>());
}

const sub_key& some_key() {
  static const sub_key key = key_of("7c9e3f1a5b2d48e6901fc4a37be85d12f60a9b84d3e7215ccf48a1906e3db75f");
  return key;
}

}  // namespace

TEST_CASE("sealed texts of every kind open again") {
  for (const std::string& plain : {std::string(), std::string("code 493021"), std::string("a\0b", 3),
                                   std::string(1000, '\xff'), std::string("验证码")}) {
    for (const auto associated : {""sv, "outbox/1"sv, "a\0b"sv}) {
      const std::string sealed = seal(some_key(), plain, associated);
      CHECK(sealed.size() == 2 * (12 + plain.size() + 16));
      CHECK(sealed.find_first_not_of("0123456789abcdef") == std::string::npos);
      CHECK(open(some_key(), sealed, associated) == plain);
    }
  }
}

TEST_CASE("opening has test case 16 of the GCM specification") {
  const sub_key key = key_of("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string associated = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2").value();
  const std::string sealed =
      "cafebabefacedbaddecaf888"
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b";
  const auto plain = open(key, sealed, associated);
  REQUIRE(plain.has_value());
  CHECK(to_hex(*plain) ==
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST_CASE("no bit of a sealed text can be changed") {
  const std::string sealed = seal(some_key(), "code 493021", "outbox/1");
  const std::string raw = from_hex(sealed).value();
  for (std::size_t at = 0; at < raw.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = raw;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      CHECK_FALSE(open(some_key(), to_hex(changed), "outbox/1"));
    }
  }
  CHECK(open(some_key(), sealed, "outbox/1") == "code 493021");
}

TEST_CASE("a sealed text has one length and one spelling") {
  const std::string sealed = seal(some_key(), "code 493021", "x");
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    CHECK_FALSE(open(some_key(), sealed.substr(0, length), "x"));
  }
  CHECK_FALSE(open(some_key(), sealed + "0", "x"));
  CHECK_FALSE(open(some_key(), sealed + "00", "x"));
  CHECK_FALSE(open(some_key(), sealed + "\n", "x"));
  CHECK_FALSE(open(some_key(), " " + sealed.substr(1), "x"));
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    if (sealed[at] < 'a') continue;
    std::string upper = sealed;
    upper[at] = static_cast<char>(upper[at] - 'a' + 'A');
    CHECK_FALSE(open(some_key(), upper, "x"));
  }
}

TEST_CASE("a sealed text opens only under its own key and associated data") {
  const std::string sealed = seal(some_key(), "code 493021", "outbox/1");
  for (const auto other : {""sv, "outbox/2"sv, "outbox/1\0"sv, "outbox/"sv, "Outbox/1"sv}) {
    CHECK_FALSE(open(some_key(), sealed, other));
  }
  CHECK_FALSE(open(master_key::generate().derive("outbox"), sealed, "outbox/1"));
  CHECK(open(some_key(), sealed, "outbox/1"));  // and a failure before it leaves nothing behind
}

TEST_CASE("one text is sealed differently each time") {
  std::set<std::string> nonces;
  for (int i = 0; i < 10'000; ++i)
    nonces.insert(seal(some_key(), "same", "").substr(0, 24));
  CHECK(nonces.size() == 10'000);
}

TEST_CASE("texts beyond the limit are refused") {
  const std::string longest(max_sealed_text_bytes, 'x');
  CHECK(open(some_key(), seal(some_key(), longest, longest), longest) == longest);
  CHECK_THROWS_AS(seal(some_key(), longest + 'x', ""), std::length_error);
  CHECK_THROWS_AS(seal(some_key(), "", longest + 'x'), std::length_error);
  CHECK_FALSE(open(some_key(), std::string(2 * (max_sealed_text_bytes + 29), '0'), ""));
  CHECK_FALSE(open(some_key(), seal(some_key(), "", ""), longest + 'x'));
}

TEST_CASE("one thread opens what another sealed") {
  std::string sealed;
  std::thread([&] { sealed = seal(some_key(), "text", "row"); }).join();
  CHECK(open(some_key(), sealed, "row") == "text");
}
