#include "ops/metrics_page.hpp"

#include <utility>

namespace smsauth::ops {

namespace {

constexpr int ok = 200;
constexpr std::string_view exposition_format = "text/plain; version=0.0.4; charset=utf-8";

http::awaitable<http::response> serve_metrics(std::span<const telemetry::metric_source> sources) {
  http::response reply(ok, telemetry::metrics_text(sources), exposition_format);
  co_return reply;
}

}  // namespace

void add_metrics_route(http::router& routes, const http::route_group& group,
                       std::span<const telemetry::metric_source> sources) {
  http::route entry;
  entry.pattern = "/metrics";
  entry.methods = {http::method::get};
  entry.serve = [sources](http::request&) { return serve_metrics(sources); };
  entry.safe = true;
  entry.quiet = true;  // asked every few seconds for ever
  routes.add(group, std::move(entry));
}

}  // namespace smsauth::ops
