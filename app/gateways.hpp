// The gateways and routes that the configuration asks for.
#pragma once

#include "app/settings.hpp"
#include "service/delivery_routes.hpp"
#include "service/receipt_service.hpp"
#include "service/review_numbers.hpp"
#include "sms/message_text.hpp"
#include "sms/price_list.hpp"
#include "sms/receipt.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace smsauth::app {

struct gateway_set {
  /// --sms spool:PATH or log: without routes; else null.
  std::unique_ptr<sms::gateway> local;
  std::unique_ptr<service::delivery_routes> routes;
  /// Gateways of routes that take receipts over HTTP, each with the secret of its path.
  std::vector<std::pair<const sms::gateway*, std::string>> receipts;
};

/// Opens spool files and no connection. `where` is run by the delivery thread. Throws configuration_error, or
/// std::system_error when a spool file cannot be opened.
gateway_set make_gateways(const settings& config, boost::asio::io_context& where, const sms::receipt_sink& receipts);

/// [texts], [prices] and [review-numbers]. Throw configuration_error.
sms::text_settings texts_of(const settings& config);
sms::price_list prices_of(const settings& config);
service::review_numbers review_numbers_of(const settings& config);

/// For check-config: everything above, made and thrown away.
void check_gateways(const settings& config);

}  // namespace smsauth::app
