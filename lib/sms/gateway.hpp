// The door to the SMS world: what a message carries, and what can become of it.
#pragma once

#include "core/phone_number.hpp"
#include "core/purpose.hpp"
#include "core/time.hpp"
#include "sms/receipt.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace smsauth::sms {

template <class T>
using awaitable = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

/// One message on its way to one number.
struct message {
  std::string id;  ///< of the outbox row; a provider's idempotency reference where it has one
  std::string to;  ///< E.164, exactly one recipient (SEND-04)
  core::purpose purpose = core::purpose::login;
  core::dialect dialect = core::dialect::discuzq;
  std::string code;      ///< for gateways that send a template and variables
  std::string text;      ///< the whole text, for gateways that send text
  std::string language;  ///< "zh" or "en"
  core::epoch_ms created_at = 0;
  core::epoch_ms deadline = 0;  ///< the code's expiry: never handed over after it
};

/// Why a gateway refused. Failover to the next gateway is decided by class, never after `unknown`.
enum class rejection : std::uint8_t {
  rate_limited,  ///< this number or template too often; not now
  bad_number,
  blocked_number,  ///< opted out or blacklisted
  content_or_template,
  auth_config,  ///< credentials, signature, allow-list, clock
  insufficient_funds,
  retry_later,  ///< account throttle, provider trouble
  permanent,
};
std::string_view to_string(rejection value) noexcept;

struct outcome {
  enum class kind : std::uint8_t {
    accepted,
    rejected,
    partial,  ///< some parts of a long message were accepted, then one was not: never sent again
    unknown,  ///< the request may have been acted upon: a retry may double it
  };
  kind what = kind::unknown;
  rejection reason = rejection::permanent;  ///< only for rejected
  std::string provider_code;                ///< safe to log: a code, never the provider's text
  std::string provider_id;                  ///< accepted; partial: of the first accepted part

  static outcome accepted(std::string id) { return {kind::accepted, rejection::permanent, {}, std::move(id)}; }
  static outcome rejected(rejection why, std::string code) { return {kind::rejected, why, std::move(code), {}}; }
  static outcome partial(std::string id, std::string code) {
    return {kind::partial, rejection::permanent, std::move(code), std::move(id)};
  }
  static outcome unknown(std::string code = {}) { return {kind::unknown, rejection::permanent, std::move(code), {}}; }
};
std::string_view to_string(outcome::kind value) noexcept;

/// One provider. Runs on one I/O thread: that of the request for a local sink, the delivery thread for every other.
class gateway {
 public:
  gateway() = default;
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;
  virtual ~gateway() = default;

  virtual std::string_view name() const noexcept = 0;
  /// A local sink (spool, log) whose send() is so quick that the API reply waits for it.
  virtual bool local() const noexcept = 0;
  /// Never blocks the thread, never throws for what a provider can cause, ends within the gateway's own time-outs.
  /// `what` lives until the coroutine ends.
  virtual awaitable<outcome> send(const message& what) = 0;

  /// The longest that send() can take, milliseconds: the message's lease must last so long.
  virtual std::int64_t longest_call_ms() const noexcept { return 15'000; }

  /// A provider's call to /receipts/NAME/SECRET, or receipt_result::not_taken(). Any thread; does no I/O.
  virtual receipt_result read_receipts(const receipt_call& /*call*/) const { return receipt_result::not_taken(); }

  /// Connections that live beside messages (SMPP binds) begin and end here. On the gateway's thread.
  virtual void start() {}
  virtual awaitable<void> stop() { co_return; }
};

}  // namespace smsauth::sms
