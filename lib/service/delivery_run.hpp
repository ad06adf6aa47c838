// One message's way through the gateways of its route, on the delivery thread.
//
// Failover only where the first gateway certainly did nothing and another may do better (rule 0.5 and the classes of
// the gateways); never after an outcome that is unknown. Between rounds through all gateways the message waits, with
// jitter, until its code expires.
#pragma once

#include "core/time.hpp"
#include "runtime/awaitable.hpp"
#include "service/dispatcher.hpp"
#include "sms/gateway.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::service {

/// May another gateway be asked after this answer?
bool may_fail_over(const sms::outcome& result, bool failover_when_limited) noexcept;

/// One line about a call of a gateway: never the number, the code or the provider's words.
void log_delivery(const sms::message& what, std::string_view gateway, const sms::outcome& result, std::int64_t took_ms);

class delivery_run {
 public:
  /// The row is leased to this node until `lease_end`.
  delivery_run(dispatcher& shared, sms::message what, core::epoch_ms lease_end)
      : shared_(shared), what_(std::move(what)), lease_end_(lease_end) {}

  /// Ends with a mark, or without one when the row is another node's by now or the process stops.
  runtime::awaitable<delivery_end> run();

 private:
  enum class step : std::uint8_t {
    next,   ///< the next gateway
    wait,   ///< the next gateway, and this one is worth asking again
    ended,  ///< end_ is set
  };
  runtime::awaitable<step> ask(gateway_desk& desk, bool last);
  runtime::awaitable<step> call(gateway_desk& desk);
  runtime::awaitable<bool> keep_lease(std::int64_t needed_ms);
  runtime::awaitable<void> pause(std::int64_t round);
  step finish(store::outbox::state state, delivery_end end, std::string_view gateway);
  void note_attempt(const gateway_desk& desk, const sms::outcome& result, core::epoch_ms started, std::int64_t took_ms);

  dispatcher& shared_;
  const sms::message what_;
  core::epoch_ms lease_end_;
  std::int64_t calls_ = 0;
  core::epoch_ms last_started_ = 0;  ///< attempts of one message differ in it: it is their key
  std::string last_gateway_;
  std::string skipped_;  ///< gateways whose open circuit is in the timeline already
  delivery_end end_ = delivery_end::left_over;
};

}  // namespace smsauth::service
