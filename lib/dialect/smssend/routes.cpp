#include "dialect/dialects.hpp"
#include "dialect/smssend/endpoints.hpp"
#include "dialect/smssend/replies.hpp"

#include <functional>
#include <utility>

namespace smsauth::dialect::smssend {

void add_routes(http::router& routes, service::services& services, const core::http_limits& limits) {
  const flat_endpoint on{services, limits, core::dialect::smssend};
  http::route_group group;
  group.name = core::to_string(core::dialect::smssend);
  group.prefixes = {"/api/Smssend/", "/api/user/", "/api/Systeminfo/"};
  group.on_error = refuse_at_edge;
  const http::route_group& owner = routes.add_group(std::move(group));

  const auto add = [&](const char* pattern, http::handler serve, std::function<bool()> admits = {}) {
    http::route entry;
    entry.pattern = pattern;
    entry.methods = {http::method::post};
    entry.serve = std::move(serve);
    entry.admits = std::move(admits);
    routes.add(owner, std::move(entry));
  };
  add("/api/Smssend/doSend", bind_endpoint(on, serve_send), takes_sends(on));
  add("/api/user/userExist", bind_endpoint(on, serve_user_exists));
  add("/api/user/reg", bind_endpoint(on, serve_register));
  add("/api/user/userLogin", bind_endpoint(on, serve_login));
  add("/api/user/reSetPass", bind_endpoint(on, serve_reset_password));
  add("/api/Systeminfo/CountryCode", [on, list = country_list(services.config().phones)](http::request& request) {
    return serve_country_codes(on, list, request);
  });
}

}  // namespace smsauth::dialect::smssend
