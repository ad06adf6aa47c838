// The four dialects as routes.
#pragma once

#include "core/limits.hpp"
#include "http/router.hpp"
#include "service/services.hpp"

namespace smsauth::dialect {

/// Each adds its route group and routes to the table. `services` and `limits` outlive the router.
namespace discuzq {
void add_routes(http::router& routes, service::services& services, const core::http_limits& limits);
}
namespace v4 {
void add_routes(http::router& routes, service::services& services, const core::http_limits& limits);
}
namespace smssend {
void add_routes(http::router& routes, service::services& services, const core::http_limits& limits);
}
namespace module {
void add_routes(http::router& routes, service::services& services, const core::http_limits& limits);
}

}  // namespace smsauth::dialect
