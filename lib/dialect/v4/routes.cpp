#include "dialect/dialects.hpp"
#include "dialect/v4/endpoints.hpp"
#include "dialect/v4/replies.hpp"

#include <string>
#include <utility>
#include <vector>

namespace smsauth::dialect::v4 {

void add_routes(http::router& routes, service::services& services, const core::http_limits& limits) {
  const flat_endpoint on{services, limits, core::dialect::v4};
  http::route_group group;
  group.name = core::to_string(core::dialect::v4);
  group.prefixes = {"/api/v4.0/"};
  group.on_error = refuse_at_edge;
  const http::route_group& owner = routes.add_group(std::move(group));

  const auto add = [&](std::string pattern, std::vector<http::method> methods, flat_handler serve, bool safe) {
    http::route entry;
    entry.pattern = "/api/v4.0/" + std::move(pattern);
    entry.methods = std::move(methods);
    entry.serve = bind_endpoint(on, serve);
    if (serve == serve_send) entry.admits = takes_sends(on);
    entry.safe = safe;
    routes.add(owner, std::move(entry));
  };
  // The page's clients may use GET for everything. A profile without such clients refuses what a URL should not carry
  // or a GET should not do (RFC 9110 section 9.2.1): passwords, codes, and sending.
  std::vector<http::method> effects{http::method::post};
  if (services.config().v4_get_with_secrets) effects.push_back(http::method::get);
  add("sendsms/{mobile}", effects, serve_send, false);
  add("isregister/{phone}", {http::method::get}, serve_is_registered, true);
  add("register", effects, serve_register, false);
  add("login", effects, serve_login, false);
  add("verify_code", effects, serve_verify_code, false);
  add("forget_password", effects, serve_forget_password, false);
}

}  // namespace smsauth::dialect::v4
