// POST or GET /receipts/NAME/SECRET on the API listener: where providers tell what became of messages.
#pragma once

#include "http/router.hpp"
#include "service/clock.hpp"
#include "service/receipt_service.hpp"

#include <string>

namespace smsauth::ops {

/// Adds a route for each gateway that has a secret. A wrong secret is 404, like a path that is none; a forged signature
/// 403; what cannot be read 400; 503 asks the provider to come again. `public_url` is ours as providers know it.
void add_receipt_routes(http::router& routes, service::receipt_service& receipts, service::clock& time,
                        const std::string& public_url);

}  // namespace smsauth::ops
