#include "http/form.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth;
using http::form_fields;

namespace {

constexpr std::size_t max_fields = 4;

}  // namespace

TEST_CASE("An urlencoded body is a list of names and values") {
  struct {
    std::string_view text;
    form_fields expected;
  } const rows[] = {
      {"", {}},
      {"a=1", {{"a", "1"}}},
      {"a=1&b=2", {{"a", "1"}, {"b", "2"}}},
      {"a=1&a=2", {{"a", "1"}, {"a", "2"}}},
      {"&&a=1&&b=2&", {{"a", "1"}, {"b", "2"}}},
      {"a", {{"a", ""}}},
      {"a=", {{"a", ""}}},
      {"=a", {{"", "a"}}},
      {"=", {{"", ""}}},
      {"a==b=", {{"a", "=b="}}},
      {"a=+%2B+", {{"a", " + "}}},
      {"a+b=c", {{"a b", "c"}}},
      {"%61=%62", {{"a", "b"}}},
      {"a=%252B", {{"a", "%2B"}}},
      {"a%5b%5D=%26%3d", {{"a[]", "&="}}},
      {"a=%E4%BD%A0", {{"a", "\xE4\xBD\xA0"}}},
      {"a=\xE4\xBD\xA0", {{"a", "\xE4\xBD\xA0"}}},
      {"a=1;b=2", {{"a", "1;b=2"}}},
      {"a=%0d%0A", {{"a", "\r\n"}}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto fields = http::parse_urlencoded(row.text, max_fields);
    REQUIRE(fields.has_value());
    CHECK(*fields == row.expected);
  }
}

TEST_CASE("An urlencoded body that decodes to no text is refused") {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"a=%"sv, "a=%2"sv, "a=%2g"sv, "a=%%32"sv, "%"sv, "%zz=1"sv, "a=%00"sv, "%00=a"sv, "a=\0b"sv, "a=%ff"sv,
        "a=\xFF"sv, "a=%C0%AF"sv, "a=%ED%A0%80"sv, "a=%F4%90%80%80"sv, "a=%E4%BD"sv, "a=1&b=2&c=3&d=4&e=5"sv}) {
    CAPTURE(text);
    const auto fields = http::parse_urlencoded(text, max_fields);
    REQUIRE_FALSE(fields.has_value());
    CHECK(fields.error().code == core::errc::malformed_request);
  }
  CHECK(http::parse_urlencoded("a=1&b=2&c=3&d=4", max_fields).has_value());
}

TEST_CASE("Media types and charsets are compared without case and parameters") {
  struct {
    const char* field;
    const char* type;
    const char* charset;
  } const rows[] = {
      {"application/json", "application/json", ""},
      {"Application/JSON; Charset=UTF-8", "application/json", "utf-8"},
      {"application/json;charset=\"utf-8\"", "application/json", "utf-8"},
      {"application/json ; charset=utf-8", "application/json", "utf-8"},
      {"application/json;", "application/json", ""},
      {"application/json;;charset=utf-8;", "application/json", "utf-8"},
      {"application/json; v=\"a;charset=gbk\"", "application/json", ""},
      {"application/json; charset=gbk", "application/json", "gbk"},
      {"", "", ""},
      {";charset=utf-8", "", "utf-8"},
      // not to be read in two ways
      {"application/json; charset=utf-8; charset=utf-7", "application/json", "invalid"},
      {"application/json; charset=utf-8; CHARSET=utf-8", "application/json", "invalid"},
      {"application/json; charset", "application/json", "invalid"},
      {"application/json; charset=", "application/json", "invalid"},
      {"application/json; charset=\"utf-8", "application/json", "invalid"},
      {"application/json; charset=utf-8, text/plain", "application/json", "invalid"},
      {"application/json; charset = utf-8", "application/json", "invalid"},
      {"application/json; charset=\"utf\\-8\"", "application/json", "invalid"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.field);
    CHECK(http::media_type(row.field) == row.type);
    CHECK(http::charset(row.field) == row.charset);
  }
}

TEST_CASE("Percent-encoding is decoded once, and only when it is whole") {
  CHECK(http::percent_decoded("a%2Bb+c") == "a+b+c");
  CHECK(http::percent_decoded("%2525") == "%25");
  CHECK(http::percent_decoded("%00") == std::string(1, '\0'));
  CHECK_FALSE(http::percent_decoded("%").has_value());
  CHECK_FALSE(http::percent_decoded("a%4").has_value());
  CHECK_FALSE(http::percent_decoded("%-1").has_value());
  CHECK_FALSE(http::percent_decoded("% 1").has_value());
}

TEST_CASE("UTF-8 has one spelling for each code point, and no surrogates") {
  for (const std::string_view good : std::initializer_list<std::string_view>{
           "", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xE4\xBD\xA0\xE5\xA5\xBD"}) {
    CAPTURE(good);
    CHECK(http::is_utf8(good));
  }
  for (const std::string_view bad : std::initializer_list<std::string_view>{"\x80",
                                                                            "\xBF",
                                                                            "\xC0\x80",
                                                                            "\xC1\xBF",
                                                                            "\xC2",
                                                                            "\xC2\x7F",
                                                                            "\xC2\xC0",
                                                                            "\xE0\x9F\xBF",
                                                                            "\xE4\xBD",
                                                                            "\xE4\xBD\x20",
                                                                            "\xED\xA0\x80",
                                                                            "\xED\xBF\xBF",
                                                                            "\xF0\x8F\xBF\xBF",
                                                                            "\xF4\x90\x80\x80",
                                                                            "\xF5\x80\x80\x80",
                                                                            "\xF0\x90\x80",
                                                                            "\xF8\x88\x80\x80\x80",
                                                                            "\xFE",
                                                                            "\xFF",
                                                                            "a\xFF"}) {
    CAPTURE(bad);
    CHECK_FALSE(http::is_utf8(bad));
  }
}
