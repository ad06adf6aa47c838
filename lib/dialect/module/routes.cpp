#include "dialect/dialects.hpp"
#include "dialect/module/endpoints.hpp"
#include "dialect/module/replies.hpp"

#include <string>
#include <utility>

namespace smsauth::dialect::module {

void add_routes(http::router& routes, service::services& services, const core::http_limits& limits) {
  const flat_endpoint on{services, limits, core::dialect::module};
  const std::string prefix = services.config().module_prefix + '/';
  http::route_group group;
  group.name = core::to_string(core::dialect::module);
  group.prefixes = {prefix};
  group.on_error = refuse_at_edge;
  const http::route_group& owner = routes.add_group(std::move(group));

  const auto add = [&](const char* name, flat_handler serve) {
    http::route entry;
    entry.pattern = prefix + name;
    entry.methods = {http::method::post};
    entry.serve = bind_endpoint(on, serve);
    if (serve == serve_send_code) entry.admits = takes_sends(on);
    routes.add(owner, std::move(entry));
  };
  add("register", serve_register);
  add("login", serve_login);
  add("send_code", serve_send_code);
  add("reset_password", serve_reset_password);
}

}  // namespace smsauth::dialect::module
