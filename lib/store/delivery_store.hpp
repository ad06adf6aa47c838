// What became of messages: tries at gateways, receipts of providers, sends that were refused. Written beside the
// requests, never in them; read by whoever asks "where is my code?".
#pragma once

#include "core/time.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::store::deliveries {

/// One call of one gateway. Longer texts are cut to the columns: codes to 64 bytes, ids to 128.
struct attempt {
  std::string message_id;
  core::epoch_ms started_at = 0;
  std::string gateway;
  std::string outcome;    ///< accepted, rejected, partial, unknown
  std::string rejection;  ///< the class; "" unless rejected
  std::string provider_code;
  std::string provider_id;
  std::int64_t parts = 0;  ///< segments of the text
  std::int64_t took_ms = 0;
};

/// The latest that a provider told. A final state stays, whatever comes after it.
struct receipt {
  std::int64_t state = 0;  ///< sms::delivery_state
  std::string error_code;
  core::epoch_ms reported_at = 0;  ///< by the provider's clock; 0 = not said
  core::epoch_ms received_at = 0;
};

/// A receipt with the message that it is about.
struct message_receipt {
  std::string message_id;
  deliveries::receipt receipt;
};

struct refusal {
  std::string id;  ///< time-ordered; one per hour, purpose and reason
  std::string phone;
  std::string purpose;
  std::string dialect;
  std::string address;
  std::string reason;             ///< name of the errc
  core::epoch_ms refused_at = 0;  ///< the latest of them
  std::int64_t hits = 0;
};

/// States from this one on are final.
inline constexpr std::int64_t first_final_state = 2;

void record_attempts(transaction& in, std::span<const attempt> all);
/// Idempotent, in any order: an intermediate state never replaces a final one, nor one final state another.
void record_receipt(transaction& in, std::string_view gateway, std::string_view provider_id, const receipt& told);
/// Adds the hits to those of the same number and id.
void record_refusals(transaction& in, std::span<const refusal> all);

std::vector<attempt> attempts_of(transaction& in, std::string_view message_id);
/// Of messages with from_id <= message_id < below_id, in order.
std::vector<attempt> attempts_in_range(transaction& in, std::string_view from_id, std::string_view below_id);
std::optional<receipt> receipt_of(transaction& in, std::string_view gateway, std::string_view provider_id);
/// Of the tries of messages with from_id <= message_id < below_id.
std::vector<message_receipt> receipts_in_range(transaction& in, std::string_view from_id, std::string_view below_id);
/// Newest first.
std::vector<refusal> refusals_of(transaction& in, std::string_view phone, std::string_view from_id, std::int64_t limit);

std::string purge_attempts_after(transaction& in, std::string_view after, std::string_view dead_below_id,
                                 std::int64_t limit);
std::string purge_receipts_after(transaction& in, std::string_view after, core::epoch_ms dead_before,
                                 std::int64_t limit);
std::string purge_refusals_after(transaction& in, std::string_view after, core::epoch_ms dead_before,
                                 std::int64_t limit);

}  // namespace smsauth::store::deliveries
