#include "crypto/flat_json.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth::crypto;
using namespace std::string_view_literals;

namespace {

bool accepted(std::string_view text) {
  return parse_flat_object(text).has_value();
}

std::string members(int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i)
    text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":0";
  return text + "}";
}

}  // namespace

TEST_CASE("the members of the top level come in order, with text and integers") {
  const auto found =
      parse_flat_object(R"({"sub":"17","iat":-5,"o":{"sub":"x","a":[1,{"b":2}]},"l":[null],"t":true,"n":null,)"
                        R"("f":1.5,"big":9223372036854775808,"é\n":"\u0041\ud83d\ude00"})");
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 9);
  CHECK((*found)[0].name == "sub");
  CHECK(std::get<std::string>((*found)[0].value) == "17");
  CHECK(std::get<std::int64_t>((*found)[1].value) == -5);
  const std::string_view others[] = {"o", "l", "t", "n", "f", "big"};
  for (std::size_t i = 0; i < std::size(others); ++i) {
    CHECK((*found)[2 + i].name == others[i]);
    CHECK(std::holds_alternative<other_json>((*found)[2 + i].value));
  }
  CHECK((*found)[8].name == "é\n");
  CHECK(std::get<std::string>((*found)[8].value) == "A😀");
  CHECK(parse_flat_object("{}")->empty());
  CHECK(accepted(" { \"a\" : 1 } \r\n\t"));
}

TEST_CASE("two members of one name are refused at every level and in every spelling") {
  for (const auto text : {R"({"a":1,"a":1})"sv, R"({"a":1,"b":2,"a":3})"sv, R"({"a":1,"\u0061":2})"sv,
                          R"({"":1,"":2})"sv, R"({"o":{"a":1,"a":2}})"sv, R"({"l":[{"a":1,"a":2}]})"sv,
                          R"({"a":{},"a":[]})"sv, R"({"a":{"a":{"b":1,"b":1}}})"sv, R"({"o":{"x":1},"p":2,"o":3})"sv}) {
    CAPTURE(text);
    CHECK_FALSE(accepted(text));
  }
  CHECK(accepted(R"({"a":{"a":{"a":1}},"b":{"a":1},"l":[{"a":1},{"a":1}],"A":1})"));
}

TEST_CASE("what is not exactly one JSON object is refused") {
  for (const auto text : {""sv,
                          " "sv,
                          "null"sv,
                          "1"sv,
                          "\"a\""sv,
                          "true"sv,
                          "[]"sv,
                          "[{}]"sv,
                          "[{\"a\":1}]"sv,
                          "{"sv,
                          "}"sv,
                          "{}{}"sv,
                          "{},"sv,
                          "{\"a\"}"sv,
                          "{\"a\":}"sv,
                          "{\"a\":1,}"sv,
                          "{,}"sv,
                          "{a:1}"sv,
                          "{'a':1}"sv,
                          "{\"a\":01}"sv,
                          "{\"a\":+1}"sv,
                          "{\"a\":NaN}"sv,
                          "{\"a\":Infinity}"sv,
                          "{\"a\":1}//"sv,
                          "{/**/}"sv,
                          "{\"a\":\"\n\"}"sv,
                          "{\"a\":\"\\x\"}"sv,
                          "{\"a\":\"\\ud800\"}"sv,
                          "{\"a\":\"\xff\"}"sv,
                          "{\"a\":\"\xc0\xaf\"}"sv,
                          "{\"\xff\":1}"sv,
                          "\xef\xbb\xbf{}"sv,
                          "{}\0"sv,
                          "\0{}"sv,
                          "{\"a\":\"\\u0000\"}"sv,
                          "{\"\\u0000\":1}"sv,
                          "{\"a\":\"\0\"}"sv}) {
    CAPTURE(text);
    CHECK_FALSE(accepted(text));
  }
}

TEST_CASE("depth and number of members are limited") {
  CHECK(accepted(R"({"a":[[[[[[[0]]]]]]]})"));
  CHECK_FALSE(accepted(R"({"a":[[[[[[[[0]]]]]]]]})"));
  CHECK(accepted(members(64)));
  CHECK_FALSE(accepted(members(65)));
  CHECK_FALSE(accepted("{\"o\":" + members(64) + "}"));
}
