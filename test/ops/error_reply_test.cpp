#include "ops/error_reply.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

using namespace smsauth;

TEST_CASE("404 and 405 have names of their own, every other failure that of its errc") {
  const http::request where;
  CHECK(ops::error_reply(404, core::errc::malformed_request, where).body == R"({"error":"not_found"})");
  CHECK(ops::error_reply(405, core::errc::malformed_request, where).body == R"({"error":"method_not_allowed"})");
  for (int i = 0; i < static_cast<int>(core::errc::count_); ++i) {
    const auto code = static_cast<core::errc>(i);
    const http::response reply = ops::error_reply(500, code, where);
    CHECK(reply.status == 500);
    CHECK(reply.content_type == http::json_content_type);
    CHECK(boost::json::parse(reply.body).at("error").as_string() == core::to_string(code));
  }
}

TEST_CASE("when to come back is passed on") {
  const http::request where;
  CHECK(ops::error_reply(503, core::failure(core::errc::busy, std::int64_t{7}), where).retry_after_seconds == 7);
  CHECK(ops::error_reply(500, core::errc::internal, where).retry_after_seconds == 0);
}
