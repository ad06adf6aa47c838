// GET /metrics on the admin listener: what Prometheus scrapes.
#pragma once

#include "http/router.hpp"
#include "telemetry/metrics.hpp"

#include <span>

namespace smsauth::ops {

/// Adds the route to the group of the admin listener. `sources` outlive the router.
void add_metrics_route(http::router& routes, const http::route_group& group,
                       std::span<const telemetry::metric_source> sources);

}  // namespace smsauth::ops
