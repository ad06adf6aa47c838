// Delivery receipts of providers: who may bring them, and where they go. They change what is told of a message, never
// the state of a code.
#pragma once

#include "core/error.hpp"
#include "runtime/awaitable.hpp"
#include "service/clock.hpp"
#include "service/database_lanes.hpp"
#include "sms/gateway.hpp"
#include "sms/receipt.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::service {

class receipt_service {
 public:
  receipt_service(database_lanes& database, clock& time) : database_(database), clock_(time) {}

  /// Receipts of `from` come to /receipts/NAME/SECRET. Before the first request. `from` outlives this.
  void add(const sms::gateway& from, std::string secret);

  /// Is there such a gateway, and is this its secret? Compares in constant time.
  bool knows(std::string_view gateway, std::string_view secret) const;

  /// Reads a provider's call and stores what it tells, durably, before it returns. Idempotent: providers repeat and
  /// reorder. What is not `taken` was not stored. Precondition: knows(gateway, …). Errors: busy, unavailable.
  runtime::awaitable<core::result<sms::receipt_result>> take(std::string_view gateway, const sms::receipt_call& call);

  /// Of gateways with a connection of their own. What the database refuses is logged and lost: SMPP has no way to ask
  /// for it again after deliver_sm_resp.
  runtime::awaitable<void> take(std::string gateway, std::vector<sms::receipt> told);

  std::vector<std::string> names() const;

 private:
  struct source {
    const sms::gateway* gateway;
    std::string secret;
  };
  runtime::awaitable<core::result<void>> keep(std::string_view gateway, const std::vector<sms::receipt>& told);

  database_lanes& database_;
  clock& clock_;
  std::map<std::string, source, std::less<>> sources_;
};

}  // namespace smsauth::service
