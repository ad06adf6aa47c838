#include "http/request.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace smsauth::http;

TEST_CASE("A field is found whatever the case of its name, and the first of several wins") {
  const std::array fields{header_field{"X-Forwarded-For", "1"}, header_field{"x-forwarded-for", "2"},
                          header_field{"Host", "a"}};
  request in;
  in.headers = fields;
  CHECK(in.header("x-FORWARDED-for") == "1");
  CHECK(in.header_count("X-Forwarded-For") == 2);
  CHECK(in.header("hOST") == "a");
  CHECK_FALSE(in.header("Hos").has_value());
  CHECK(in.header_count("Hosts") == 0);
}

TEST_CASE("A method that we do not know is never told by its own name") {
  CHECK(to_string(method::delete_) == "DELETE");
  CHECK(to_string(method::other) == "other");
}
