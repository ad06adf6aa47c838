#include "dialect/json_reader.hpp"

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

bool accepted(std::string_view text) {
  return dialect::parse_json(text, core::http_limits{}).has_value();
}

std::string nested(std::size_t depth, std::string_view open, std::string_view inside, std::string_view close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i)
    text += open;
  text += inside;
  for (std::size_t i = 0; i < depth; ++i)
    text += close;
  return text;
}

std::string object_of(std::size_t members) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i) {
    if (i > 0) text += ',';
    text += "\"k" + std::to_string(i) + "\":" + std::to_string(i);
  }
  return text + "}";
}

}  // namespace

// Names of the form n_… and y_… are those of the JSON parsing test suite (nst/JSONTestSuite) that the rows stand for.
TEST_CASE("text that RFC 8259 allows is read") {
  const std::string_view texts[] = {
      "{}",
      "[]",
      "null",
      "true",
      "false",
      "0",
      "-0",
      "\"\"",
      " \t\r\n{ } \n",                   // y_structure_whitespace_array
      "[1,2.5,-3e2,4E+2,0.1e-3]",        // y_number_*
      "9223372036854775807",             // largest int64
      "18446744073709551615",            // largest uint64
      "123456789012345678901234567890",  // becomes a double
      "1e-400",                          // underflows to 0
      R"("\"\\\/\b\f\n\r\t")",           // y_string_allowed_escapes
      R"("\u0061\u6d4b\ud83d\ude00")",   // y_string_surrogates
      "\"\x7f\"",                        // y_string_unescaped_char_delete
      "\"测试😀\"",
      "\"\xef\xbf\xbf\"",                    // U+FFFF, y_string_nonCharacterInUTF-8_U+FFFF
      R"({"":0})",                           // y_object_empty_key
      R"({"a":{"a":{"a":1}},"b":{"a":2}})",  // equal keys in different objects
      R"([{"a":1},{"a":2}])",
      R"({"a":1,"A":2})",
  };
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK(accepted(text));
  }
}

TEST_CASE("values keep their type and escapes are resolved") {
  const auto value = dialect::parse_json(
      R"({"s":"\u0061\ud83d\ude00","i":-5,"u":18446744073709551615,"d":1.5,"b":true,"n":null})", core::http_limits{});
  REQUIRE(value.has_value());
  const auto& object = value->as_object();
  CHECK(object.at("s").as_string() == "a😀");
  CHECK(object.at("i").as_int64() == -5);
  CHECK(object.at("u").as_uint64() == 18446744073709551615u);
  CHECK(object.at("d").as_double() == 1.5);
  CHECK(object.at("b").as_bool());
  CHECK(object.at("n").is_null());
}

TEST_CASE("text that is no JSON is malformed_request") {
  const std::string_view texts[] = {
      "",
      " ",
      "nul",
      "True",
      "NaN",
      "Infinity",
      "-",
      "+1",
      ".5",
      "1.",
      "01",
      "-01",
      "0x1",
      "1e",
      "1e999",
      "-1e999",
      "'a'",
      "\"",
      "\"a",
      "{",
      "[",
      "[1,]",
      "[,1]",
      "[1 2]",
      R"({"a":1,})",
      R"({"a"})",
      R"({"a":})",
      R"({a:1})",
      R"({1:1})",
      R"({null:1})",
      R"({"a":1}})",
      R"({"a":1]})",
      R"({"a":1}{"b":2})",  // n_structure_double_array
      "{} x",
      "[]\0"sv,
      "[1]//",
      "/* c */[1]",
      R"({"a":/*c*/1})",
      R"("\x41")",
      R"("\u00g1")",
      R"("\u12")",
      "\"\t\"",  // raw control characters
      "\"\n\"",
      "\"\x1f\"",
      "\"\0\""sv,        // raw NUL
      "\xef\xbb\xbf{}",  // byte order mark, RFC 8259 section 8.1
      "\x00{\x00}"sv,    // UTF-16
      "\f{}",            // form feed is no white space
      "\xc2\xa0{}",      // no-break space neither
  };
  for (const std::string_view text : texts) {
    CAPTURE(text);
    const auto value = dialect::parse_json(text, core::http_limits{});
    REQUIRE(value.has_error());
    CHECK(value.error() == core::failure(core::errc::malformed_request));
  }
}

TEST_CASE("bad UTF-8 and lone surrogates are refused in strings and keys") {
  const std::string_view texts[] = {
      "\x80",              // a continuation byte alone
      "\xc0\xaf",          // overlong slash
      "\xe0\x80\xaf",      // overlong slash in three bytes
      "\xed\xa0\x80",      // U+D800 in UTF-8
      "\xf4\x90\x80\x80",  // past U+10FFFF
      "\xf8\x88\x80\x80\x80",
      "\xe6\xb5",  // cut short
      "\xff",
      R"(\ud800)",
      R"(\udc00)",
      R"(\ud800\ud800)",
      R"(\ud800x)",
      R"(\ud83d\n)",
  };
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK_FALSE(accepted("\"" + std::string(text) + "\""));
    CHECK_FALSE(accepted("{\"" + std::string(text) + "\":1}"));
    CHECK_FALSE(accepted("[\"a" + std::string(text) + "b\"]"));
  }
}

TEST_CASE("U+0000 is refused however it is written") {
  CHECK_FALSE(accepted(R"("\u0000")"));
  CHECK_FALSE(accepted(R"("12345\u0000")"));
  CHECK_FALSE(accepted(R"({"\u0000":1})"));
  CHECK_FALSE(accepted(R"({"mobile\u0000":1})"));
  CHECK_FALSE(accepted("{\"a\0b\":1}"sv));
}

TEST_CASE("a duplicate key is refused in every object and however it is spelled") {
  const std::string_view texts[] = {
      R"({"a":1,"a":1})",
      R"({"a":1,"b":2,"a":3})",
      R"({"a":1,"\u0061":2})",
      R"({"\u0061":1,"a":2})",
      R"({"mobile":1,"mob\u0069le":2})",
      R"({"":1,"":2})",
      R"({"data":{"attributes":{"code":"1","code":"2"}}})",
      R"({"x":{"a":1},"a":1,"a":2})",  // after a nested object has closed
      R"({"a":{"a":{"a":1}},"a":2})",
      R"([{"a":1,"a":2}])",
      R"([[[{"b":[{"a":1,"a":null}]}]]])",
      R"({"测试":1,"\u6d4b\u8bd5":2})",
      R"({"😀":1,"\ud83d\ude00":2})",
      R"({"a/b":1,"a\/b":2})",
  };
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK_FALSE(accepted(text));
  }
}

TEST_CASE("the nesting limit is exact for objects, arrays and both together") {
  CHECK(accepted(nested(8, "[", "1", "]")));
  CHECK_FALSE(accepted(nested(9, "[", "1", "]")));
  CHECK(accepted(nested(8, R"({"a":)", "1", "}")));
  CHECK_FALSE(accepted(nested(9, R"({"a":)", "1", "}")));
  CHECK(accepted(nested(4, R"([{"a":)", "1", "}]")));
  CHECK_FALSE(accepted(nested(4, R"([{"a":)", "[]", "}]")));
  CHECK_FALSE(accepted(nested(8000, "[", "", "]")));
  CHECK_FALSE(accepted(std::string(16000, '[')));
}

TEST_CASE("the member limit is exact and counts all objects together") {
  CHECK(accepted(object_of(64)));
  CHECK_FALSE(accepted(object_of(65)));
  CHECK(accepted("[" + object_of(32) + "," + object_of(32) + "]"));
  CHECK_FALSE(accepted("[" + object_of(32) + "," + object_of(33) + "]"));
  CHECK(accepted(R"({"data":)" + object_of(63) + "}"));
  CHECK_FALSE(accepted(R"({"data":)" + object_of(64) + "}"));
}

TEST_CASE("limits are those that the caller gives") {
  core::http_limits limits;
  limits.json_depth = 1;
  limits.fields = 1;
  CHECK(dialect::parse_json(R"({"a":1})", limits).has_value());
  CHECK(dialect::parse_json(R"({"a":1,"b":2})", limits).has_error());
  CHECK(dialect::parse_json(R"({"a":{}})", limits).has_error());
}

TEST_CASE("every cut of a valid text is refused") {
  const std::string text =
      R"({"data":{"attributes":{"mobile":"138\u0030","code":"\ud83d\ude00","n":[-1.5e3,true,null]}}})";
  REQUIRE(accepted(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(accepted(std::string_view(text).substr(0, length)));
  }
}

TEST_CASE("a key longer than the parser's inner buffer is compared whole") {
  const std::string key(3000, 'k');
  CHECK(accepted("{\"" + key + "a\":1,\"" + key + "b\":2}"));
  CHECK_FALSE(accepted("{\"" + key + "a\":1,\"" + key + "\\u0061\":2}"));
  const auto value = dialect::parse_json("{\"" + key + "\\u0061\":1}", core::http_limits{});
  REQUIRE(value.has_value());
  CHECK(value->as_object().contains(key + "a"));
}
