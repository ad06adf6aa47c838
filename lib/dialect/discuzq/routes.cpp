#include "dialect/dialects.hpp"
#include "dialect/discuzq/endpoint.hpp"
#include "dialect/discuzq/errors.hpp"

#include <memory>
#include <utility>

namespace smsauth::dialect::discuzq {

namespace {

http::route post_route(std::string_view pattern, std::shared_ptr<const site> here, endpoint answer) {
  http::route entry;
  entry.pattern = pattern;
  entry.methods = {http::method::post};
  entry.serve = [here = std::move(here), answer](http::request& request) { return serve(*here, request, answer); };
  return entry;
}

}  // namespace

void add_routes(http::router& routes, service::services& services, const core::http_limits& limits) {
  const auto here = std::make_shared<const site>(site{services, limits, cross_origin_policy(services.config())});
  http::route_group group;
  group.name = core::to_string(core::dialect::discuzq);
  // "/api/" takes what no other dialect's longer prefix takes.
  group.prefixes = {"/api/sms/", "/api/refresh-token", "/api/"};
  group.on_error = edge_response;
  group.filter = [here](const http::request& request, http::response& reply) { here->origins.apply(request, reply); };
  group.on_options = [](const http::request&) { return http::response(200, "", json_api_content_type); };
  const http::route_group& owner = routes.add_group(std::move(group));
  http::route send = post_route("/api/sms/send", here, serve_send);
  send.admits = [&services] { return services.takes_sends(); };
  routes.add(owner, std::move(send));
  routes.add(owner, post_route("/api/sms/verify", here, serve_verify));
  routes.add(owner, post_route("/api/refresh-token", here, serve_refresh));
}

}  // namespace smsauth::dialect::discuzq
