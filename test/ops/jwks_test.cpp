#include "ops/jwks.hpp"

#include <doctest/doctest.h>

using namespace smsauth;

TEST_CASE("the key set may be cached for five minutes by anyone") {
  const http::response reply = ops::jwks_reply(R"({"keys":[]})");
  CHECK(reply.status == 200);
  CHECK(reply.body == R"({"keys":[]})");
  CHECK(reply.content_type == http::json_content_type);
  CHECK(reply.cacheable);
  REQUIRE(reply.headers.size() == 1);
  CHECK(reply.headers[0].first == "Cache-Control");
  CHECK(reply.headers[0].second == "public, max-age=300");
}
