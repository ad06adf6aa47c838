// Delivery receipts: what a provider tells later about a message that it accepted. Never proof of anything but
// delivery.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsauth::sms {

enum class delivery_state : std::uint8_t {
  unknown = 0,       ///< the provider does not know
  intermediate = 1,  ///< queued, sent to the operator, buffered
  delivered = 2,
  failed = 3,
  expired = 4,
};
std::string_view to_string(delivery_state value) noexcept;
/// delivered, failed, expired: never goes back to another state.
bool is_final(delivery_state value) noexcept;

struct receipt {
  std::string provider_id;  ///< an opaque string, as in outcome::provider_id
  std::string message_id;   ///< our reference, where the provider echoes it; else empty
  std::string to;           ///< E.164, or empty
  delivery_state state = delivery_state::unknown;
  std::string error_code;  ///< the provider's code, printable ASCII, at most 32 bytes; "" when delivered
  core::epoch_ms at = 0;   ///< when it happened, by the provider's clock; 0 = not said
};
/// Where a gateway with a connection of its own (SMPP) delivers them. Called on the gateway's thread, must not throw.
using receipt_sink = std::function<void(std::string_view gateway, std::vector<receipt>)>;

/// An HTTP call of a provider, as data.
struct receipt_call {
  std::string_view method;        ///< "GET" or "POST"
  std::string_view query;         ///< still percent-encoded
  std::string_view content_type;  ///< as sent
  std::string_view body;
  std::span<const std::pair<std::string_view, std::string_view>> headers;
  std::string_view
      public_url;  ///< scheme, host and path as the provider called us, from configuration, never from Host
  core::epoch_ms now = 0;
  std::string_view header(std::string_view name) const noexcept;  ///< case-insensitive; "" when absent
};

struct receipt_result {
  enum class kind : std::uint8_t {
    taken,
    not_taken,  ///< this gateway has no HTTP receipts: 404
    forged,     ///< signature missing, wrong or too old: 403, nothing stored
    malformed,  ///< 400, nothing stored
  };
  kind what = kind::not_taken;
  std::vector<receipt> receipts;        ///< taken: may be empty (a user's message, an initial status)
  std::string reply_body;               ///< taken: what the provider expects to read
  std::string_view reply_content_type;  ///< a literal

  static receipt_result not_taken() { return {}; }
  static receipt_result forged() { return {kind::forged, {}, {}, {}}; }
  static receipt_result malformed() { return {kind::malformed, {}, {}, {}}; }
  static receipt_result taken(std::vector<receipt> all, std::string body, std::string_view content_type) {
    return {kind::taken, std::move(all), std::move(body), content_type};
  }
};

}  // namespace smsauth::sms
