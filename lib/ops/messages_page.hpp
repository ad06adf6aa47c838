// The operator's questions about messages, on the admin listener, in JSON:
//   POST /messages    {"to": "+8613800138000", "full": false}   the life of each message of one number, and its
//   refusals GET  /deliveries?hours=24                                   what became of all, per hour, gateway,
//   country, dialect
// The number stands in a body: URLs reach logs.
#pragma once

#include "core/phone_number.hpp"
#include "http/router.hpp"
#include "service/clock.hpp"
#include "service/database_lanes.hpp"
#include "service/delivery_summary.hpp"
#include "service/message_history.hpp"
#include "sms/price_list.hpp"

#include <string>

namespace smsauth::ops {

/// {"phone", "messages": [{"id", "purpose", "dialect", "state", "events": [{"at", "what", …}]}], "refusals": […]}.
/// The number is masked unless `full`.
std::string history_json(const service::phone_history& of, const core::phone_number& phone, bool full,
                         core::epoch_ms now);
/// {"currency", "rows": [{"hour", "gateway", "country", "dialect", "messages", …}], "truncated"}.
std::string summary_json(const service::delivery_summary& of, const sms::price_list& prices, bool truncated);

struct message_desk {
  service::database_lanes& database;
  service::clock& time;
  const sms::price_list& prices;
  core::phone_policy phones;  ///< of any country: an operator may ask for every number
};

/// Adds the routes to the group of the admin listener. `desk` outlives the router.
void add_message_routes(http::router& routes, const http::route_group& group, message_desk& desk);

}  // namespace smsauth::ops
