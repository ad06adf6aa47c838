// /healthz and /readyz of the admin listener: what a supervisor and a load balancer ask.
#pragma once

#include "http/router.hpp"

#include <string_view>

namespace smsauth::ops {

/// Shall this process be given requests?
class readiness {
 public:
  static readiness yes() { return readiness(true, {}); }
  /// `reason` is a literal: "database" does not answer, "schema" does not fit, "draining" before a stop.
  static readiness no(std::string_view reason) { return readiness(false, reason); }

  bool ready() const noexcept { return ready_; }
  std::string_view reason() const noexcept { return reason_; }

 private:
  readiness(bool ready, std::string_view reason) : ready_(ready), reason_(reason) {}
  bool ready_;
  std::string_view reason_;
};

/// Who knows it: the application.
class health_source {
 public:
  health_source() = default;
  health_source(const health_source&) = delete;
  health_source& operator=(const health_source&) = delete;
  virtual ~health_source() = default;

  /// Asked for every /readyz, on any I/O thread. Does not throw: a database that is gone is an answer.
  virtual http::awaitable<readiness> check() = 0;
};

/// GET /healthz: 200 {"status":"ok"} while the process lives, whatever the database does: a restart would not help it.
/// GET /readyz: 200 {"status":"ready"}, or 503 {"status":"not_ready","reason":"database"}.
///
/// Adds them in a group that also answers every path without a route, with error_reply. `source` outlives `routes`.
/// Returns the group, for further pages of the admin listener.
const http::route_group& add_health_routes(http::router& routes, health_source& source);

}  // namespace smsauth::ops
