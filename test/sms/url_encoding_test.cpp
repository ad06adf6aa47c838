#include "sms/url_encoding.hpp"

#include <doctest/doctest.h>

using namespace smsauth::sms;

TEST_CASE("percent-encoding keeps the unreserved characters of RFC 3986 and escapes every other byte") {
  CHECK(percent_encode("AZaz09-_.~") == "AZaz09-_.~");
  CHECK(percent_encode(" *+/&=!'()") == "%20%2A%2B%2F%26%3D%21%27%28%29");
  CHECK(percent_encode("码") == "%E7%A0%81");
  CHECK(percent_encode(std::string(1, '\xff')) == "%FF");
}

TEST_CASE("fields keep their order, or are sorted in byte order where a signature wants that") {
  CHECK(encode_fields(wire_fields{{"b", "1"}, {"a", "x y"}}) == "b=1&a=x%20y");
  CHECK(encode_fields(sorted_fields{{"b", "1"}, {"a", ""}, {"B", "2"}}) == "B=2&a=&b=1");
}

TEST_CASE("what is encoded reads back the same") {
  const wire_fields sent{{"to", "+86 138&=%"}, {"码", "1\n2"}, {"", "empty name"}};
  const auto read = parse_fields(encode_fields(sent));
  REQUIRE(read);
  CHECK(*read == sent);
}

TEST_CASE("a form with a broken escape, a NUL or too many fields is not read") {
  for (const auto* broken : {"a=%", "a=%1", "a=%zz", "a=%00", "%g0=1"})
    CHECK_FALSE(parse_fields(broken));
  CHECK_FALSE(parse_fields("a=1&b=2&c=3", 2));
  CHECK(parse_fields("a=1&&b=2&", 2));
}

TEST_CASE("a plus sign is a blank, a name may stand without a value, and the first of two counts") {
  const auto read = parse_fields("a=1+2&b&a=9");
  REQUIRE(read);
  CHECK(find_field(*read, "a") == "1 2");
  CHECK(find_field(*read, "b") == "");
  CHECK_FALSE(find_field(*read, "c"));
}
