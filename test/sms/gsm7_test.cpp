#include "sms/gsm7.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;
using namespace std::string_literals;

TEST_CASE("GSM 7-bit: each character has the septet of 3GPP TS 23.038") {
  struct row {
    std::string_view text;
    std::string septets;
  };
  for (const row& r : {row{"@", "\x00"s}, row{"£", "\x01"}, row{"Ç", "\x09"}, row{"\n", "\x0a"}, row{"\r", "\x0d"},
                       row{"å", "\x0f"},  row{"Δ", "\x10"}, row{"_", "\x11"}, row{"Ξ", "\x1a"},  row{"Æ", "\x1c"},
                       row{"É", "\x1f"},  row{" ", " "},    row{"¤", "\x24"}, row{"?", "?"},     row{"¡", "\x40"},
                       row{"A", "A"},     row{"Z", "Z"},    row{"Ä", "\x5b"}, row{"§", "\x5f"},  row{"¿", "\x60"},
                       row{"z", "z"},     row{"ä", "\x7b"}, row{"à", "\x7f"}, row{"$", "\x02"},  row{"¥", "\x03"}}) {
    CAPTURE(r.text);
    REQUIRE(sms::encode_gsm7(r.text).has_value());
    CHECK(sms::encode_gsm7(r.text) == r.septets);
  }
}

TEST_CASE("GSM 7-bit: ten characters of the extension table take an escape and a septet") {
  CHECK(sms::encode_gsm7("\f^{}\\[~]|€") ==
        "\x1b\x0a\x1b\x14\x1b\x28\x1b\x29\x1b\x2f\x1b\x3c\x1b\x3d\x1b\x3e\x1b\x40\x1b\x65");
  CHECK(sms::gsm7_of(U'€').length == 2);
}

TEST_CASE("GSM 7-bit: what is outside the alphabet is refused") {
  for (const std::string_view text : {"`", "ç", "验", "【", "】", "\t", "\x1b", "á", "😀", "\xff", "ok then \xc3"}) {
    CAPTURE(text);
    CHECK_FALSE(sms::is_gsm7(text));
    CHECK_FALSE(sms::encode_gsm7(text).has_value());
  }
  CHECK_FALSE(sms::is_gsm7(std::string_view("\0", 1)));
  CHECK(sms::is_gsm7(""));
  CHECK(sms::is_gsm7("Code 123456: 100 % [ok] {€}"));
}

TEST_CASE("GSM 7-bit: the alphabet has 127 characters of one septet and 10 of two, no septet twice") {
  std::size_t single = 0;
  std::size_t escaped = 0;
  std::string seen;
  for (char32_t character = 0; character <= 0xFFFF; ++character) {
    const sms::gsm7_septets one = sms::gsm7_of(character);
    if (one.length == 0) continue;
    if (one.length == 2) {
      CHECK(one.octets[0] == sms::gsm7_escape);
      ++escaped;
      continue;
    }
    CHECK(seen.find(one.octets[0]) == std::string::npos);
    seen += one.octets[0];
    ++single;
  }
  CHECK(single == 127);
  CHECK(escaped == 10);
}
