#include "ops/jwks.hpp"

#include "ops/error_reply.hpp"

#include <utility>

namespace smsauth::ops {

namespace {

http::awaitable<http::response> serve_jwks(const service::session_service& sessions) {
  http::response reply = jwks_reply(sessions.jwks());
  co_return reply;
}

}  // namespace

void add_jwks_route(http::router& routes, const service::session_service& sessions) {
  http::route_group group;
  group.name = "ops";
  group.prefixes = {"/.well-known/"};
  group.on_error = error_reply;
  const http::route_group& added = routes.add_group(std::move(group));

  http::route entry;
  entry.pattern = "/.well-known/jwks.json";
  entry.methods = {http::method::get};
  entry.serve = [&sessions](http::request&) { return serve_jwks(sessions); };
  entry.safe = true;
  routes.add(added, std::move(entry));
}

http::response jwks_reply(std::string keys) {
  http::response reply(200, std::move(keys));
  reply.cacheable = true;
  reply.headers.emplace_back("Cache-Control", "public, max-age=300");
  return reply;
}

}  // namespace smsauth::ops
