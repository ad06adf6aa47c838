// outbox: accepted messages until they were handed to a gateway. The body is sealed and erased at hand-over (OTP-11).
#pragma once

#include "core/time.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::store::outbox {

enum class state : std::int8_t { pending = 0, handed_over = 1, failed = 2, expired = 3, unknown = 4 };

struct message_row {
  std::string id;  ///< begins with the time: rows are in order of their sending
  std::string phone;
  std::string purpose;
  std::string dialect;
  std::string sealed_body;
  core::epoch_ms created_at = 0;
  core::epoch_ms expires_at = 0;
  std::int64_t tries = 0;
  core::epoch_ms lease_until = 0;
};

/// Inserted leased to the node that accepted it, so that node delivers at once and asks nobody.
void record(transaction& in, const message_row& message, std::string_view owner, core::epoch_ms lease_until);

/// Ends messages and erases their bodies. Only of rows that are still pending.
void finish(transaction& in, std::span<const std::string> ids, state end, core::epoch_ms now);

/// Up to `limit` pending messages with from_id <= id < below_id, in order, leased or not.
std::vector<message_row> find_pending(transaction& in, std::string_view from_id, std::string_view below_id,
                                      std::int64_t limit);
/// Takes one over; false when another node was quicker or it is finished.
bool take_over(transaction& in, std::string_view id, std::string_view owner, core::epoch_ms now,
               core::epoch_ms lease_until);
/// SQLite has one process: leases of an earlier one are void at start.
void void_leases(transaction& in);

/// Deletes up to `limit` finished rows with ids below `below_id`; returns how many.
std::int64_t purge(transaction& in, std::string_view below_id, std::int64_t limit);

}  // namespace smsauth::store::outbox
