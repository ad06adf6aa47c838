#include "crypto/hex.hpp"

#include <doctest/doctest.h>

#include <string_view>

using namespace smsauth::crypto;
using namespace std::string_view_literals;

TEST_CASE("bytes become lower-case hex and come back") {
  const std::string_view bytes = "\x00\x01\x7f\x80\xab\xff"sv;
  CHECK(to_hex(bytes) == "00017f80abff");
  CHECK(from_hex("00017f80abff") == bytes);
  CHECK(to_hex(""sv).empty());
  CHECK(from_hex("") == "");
}

TEST_CASE("upper-case hex is taken only on request") {
  CHECK_FALSE(from_hex("AB"));
  CHECK_FALSE(from_hex("aB"));
  CHECK(from_hex("aB", hex_letters::any) == "\xab");
}

TEST_CASE("text that is not hex is refused") {
  for (const auto text : {"a"sv, "abc"sv, "g0"sv, "0g"sv, "0x"sv, " 0"sv, "0 "sv, "0\n"sv, "0\0"sv, "/0"sv, ":0"sv,
                          "`0"sv, "@0"sv, "\xff\xff"sv}) {
    CAPTURE(text);
    CHECK_FALSE(from_hex(text, hex_letters::any));
  }
}
