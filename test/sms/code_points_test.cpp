#include "sms/code_points.hpp"

#include <doctest/doctest.h>

using namespace smsauth;

TEST_CASE("code points: well-formed UTF-8 of every length") {
  CHECK(sms::code_points("") == U"");
  CHECK(sms::code_points("aé验😀") == U"aé验😀");
  CHECK(sms::code_points("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf") ==
        U"\u007f\u0080\u07ff\u0800\uffff\U00010000\U0010ffff");
}

TEST_CASE("code points: each byte that is in no well-formed sequence is one U+FFFD") {
  struct row {
    std::string_view bytes;
    std::u32string_view characters;
  };
  for (const row& r :
       {row{"\x80", U"\ufffd"}, row{"\xff!", U"\ufffd!"}, row{"a\xc3", U"a\ufffd"}, row{"\xc3(", U"\ufffd("},
        row{"\xc0\xaf", U"\ufffd\ufffd"}, row{"\xe9\xaa", U"\ufffd\ufffd"}, row{"\xe0\x80\xaf", U"\ufffd\ufffd\ufffd"},
        row{"\xed\xa0\x80", U"\ufffd\ufffd\ufffd"}, row{"\xf4\x90\x80\x80", U"\ufffd\ufffd\ufffd\ufffd"},
        row{"\xf8\x88\x80\x80\x80", U"\ufffd\ufffd\ufffd\ufffd\ufffd"}}) {
    CHECK(sms::code_points(r.bytes) == r.characters);
  }
}
