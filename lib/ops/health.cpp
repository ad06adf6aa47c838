#include "ops/health.hpp"

#include "ops/error_reply.hpp"

#include <string>
#include <utility>

namespace smsauth::ops {

namespace {

constexpr int ok = 200;
constexpr int service_unavailable = 503;
constexpr std::int64_t retry_seconds = 1;  ///< a failed readiness is worth asking again soon

http::awaitable<http::response> serve_health() {
  http::response reply(ok, R"({"status":"ok"})");
  co_return reply;
}

http::awaitable<http::response> serve_readiness(health_source& source) {
  const readiness found = co_await source.check();
  http::response reply(ok, R"({"status":"ready"})");
  if (!found.ready()) {
    reply.status = service_unavailable;
    reply.body = R"({"status":"not_ready","reason":")";
    reply.body += found.reason();
    reply.body += R"("})";
    reply.retry_after_seconds = retry_seconds;
  }
  co_return reply;
}

http::route probe(std::string pattern, http::handler serve) {
  http::route entry;
  entry.pattern = std::move(pattern);
  entry.methods = {http::method::get};
  entry.serve = std::move(serve);
  entry.safe = true;
  entry.quiet = true;  // asked every few seconds for ever
  return entry;
}

}  // namespace

const http::route_group& add_health_routes(http::router& routes, health_source& source) {
  http::route_group group;
  group.name = "ops";
  group.prefixes = {"/"};
  group.on_error = error_reply;
  const http::route_group& added = routes.add_group(std::move(group));
  routes.add(added, probe("/healthz", [](http::request&) { return serve_health(); }));
  routes.add(added, probe("/readyz", [&source](http::request&) { return serve_readiness(source); }));
  return added;
}

}  // namespace smsauth::ops
