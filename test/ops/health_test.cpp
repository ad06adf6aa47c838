#include "ops/health.hpp"

#include "support/run_to_end.hpp"
#include "telemetry/event.hpp"

#include <doctest/doctest.h>

#include <string_view>

using namespace smsauth;

namespace {

class fake_source : public ops::health_source {
 public:
  http::awaitable<ops::readiness> check() override {
    ++questions;
    const ops::readiness now = answer;
    co_return now;
  }
  ops::readiness answer = ops::readiness::yes();
  int questions = 0;
};

struct fixture {
  fixture() { ops::add_health_routes(routes, source); }

  http::match find(http::method verb, std::string_view path) {
    asked.verb = verb;
    asked.method_name = http::to_string(verb);
    asked.path = path;
    asked.event = &event;
    return routes.find(asked);
  }
  http::response get(std::string_view path) {
    const http::match found = find(http::method::get, path);
    REQUIRE(found.what == http::match::kind::found);
    return test::run_to_end(found.target->serve(asked));
  }

  fake_source source;
  http::router routes;
  http::request asked;
  telemetry::event event;
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "healthz is ok while the process lives, without asking anything else") {
  source.answer = ops::readiness::no("database");
  const http::response reply = get("/healthz");
  CHECK(reply.status == 200);
  CHECK(reply.body == R"({"status":"ok"})");
  CHECK(reply.content_type == http::json_content_type);
  CHECK_FALSE(reply.cacheable);
  CHECK(source.questions == 0);
}

TEST_CASE_FIXTURE(fixture, "readyz is 200 only when all is ready") {
  const http::response reply = get("/readyz");
  CHECK(reply.status == 200);
  CHECK(reply.body == R"({"status":"ready"})");
  CHECK(reply.retry_after_seconds == 0);
  CHECK_FALSE(reply.cacheable);
}

TEST_CASE_FIXTURE(fixture, "readyz tells in JSON why it is not ready, and asks afresh each time") {
  source.answer = ops::readiness::no("database");
  http::response reply = get("/readyz");
  CHECK(reply.status == 503);
  CHECK(reply.body == R"({"status":"not_ready","reason":"database"})");
  CHECK(reply.retry_after_seconds == 1);

  source.answer = ops::readiness::no("schema");
  CHECK(get("/readyz").body == R"({"status":"not_ready","reason":"schema"})");
  source.answer = ops::readiness::no("draining");
  CHECK(get("/readyz").body == R"({"status":"not_ready","reason":"draining"})");
  source.answer = ops::readiness::yes();
  CHECK(get("/readyz").status == 200);
  CHECK(source.questions == 4);
}

TEST_CASE_FIXTURE(fixture, "probes are for GET and HEAD, and are logged at debug level only") {
  for (const std::string_view path : {"/healthz", "/readyz"}) {
    CAPTURE(path);
    CHECK(find(http::method::post, path).what == http::match::kind::wrong_method);
    CHECK(find(http::method::head, path).what == http::match::kind::found);
    const http::match found = find(http::method::get, path);
    REQUIRE(found.what == http::match::kind::found);
    CHECK(found.target->safe);
    CHECK(found.target->quiet);
  }
}

TEST_CASE_FIXTURE(fixture, "a path without a page is answered in the operator's shape") {
  const http::match found = find(http::method::get, "/admin");
  CHECK(found.what == http::match::kind::no_path);
  REQUIRE(found.group != nullptr);
  const http::response reply = found.group->on_error(404, core::errc::malformed_request, asked);
  CHECK(reply.status == 404);
  CHECK(reply.body == R"({"error":"not_found"})");
}
