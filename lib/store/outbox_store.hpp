// outbox: accepted messages until they were handed to a gateway. The body is sealed and erased at hand-over (OTP-11).
#pragma once

#include "core/time.hpp"
#include "store/gathering.hpp"
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
  std::string address;  ///< of the client who asked; only written
};

/// What is told of a message later: everything but its body.
struct history_row {
  std::string id;
  std::string phone;
  std::string purpose;
  std::string dialect;
  std::string address;
  std::string gateway;  ///< that took it, or refused it last; "" while pending
  state what = state::pending;
  core::epoch_ms created_at = 0;
  core::epoch_ms expires_at = 0;
  core::epoch_ms finished_at = 0;
  core::epoch_ms used_at = 0;  ///< the code was used; 0 = not
};

struct message_insert {
  const message_row* message;
  std::string_view owner;
  core::epoch_ms lease_until;

  static step_kind kind() noexcept { return {}; }
  static void run(transaction& in, std::span<message_insert* const> all);
};
/// Inserted leased to the node that accepted it, so that node delivers at once and asks nobody.
gathered<message_insert> record(transaction& in, const message_row& message, std::string_view owner,
                                core::epoch_ms lease_until);

/// Ends messages and erases their bodies. Only of rows that are still pending.
void finish(transaction& in, std::span<const std::string> ids, state end, std::string_view gateway, core::epoch_ms now);

struct use_note {
  std::string_view phone;
  std::string_view purpose;
  std::string_view message_id;
  core::epoch_ms now;

  step_kind kind() const noexcept { return {message_id.empty() ? 0 : 1}; }
  static void run(transaction& in, std::span<use_note* const> all);
};
/// The code of this number's latest message for `purpose` was used. `message_id`: that message, where it is known.
gathered<use_note> note_used(transaction& in, std::string_view phone, std::string_view purpose,
                             std::string_view message_id, core::epoch_ms now);

/// Prolongs the lease of `owner`. False: it is another node's by now, it is finished, or its code was replaced or used
/// meanwhile (it is finished as expired then).
bool renew(transaction& in, const message_row& message, std::string_view owner, core::epoch_ms now,
           core::epoch_ms lease_until);

/// Up to `limit` pending messages with from_id <= id < below_id, in order, leased or not.
std::vector<message_row> find_pending(transaction& in, std::string_view from_id, std::string_view below_id,
                                      std::int64_t limit);
/// Takes one over; false when another node was quicker or it is finished.
bool take_over(transaction& in, std::string_view id, std::string_view owner, core::epoch_ms now,
               core::epoch_ms lease_until);
/// SQLite has one process: leases of an earlier one are void at start.
void void_leases(transaction& in);

/// The messages of one number with ids >= from_id, newest first.
std::vector<history_row> of_phone(transaction& in, std::string_view phone, std::string_view from_id,
                                  std::int64_t limit);
/// Messages with from_id <= id < below_id, in order.
std::vector<history_row> in_range(transaction& in, std::string_view from_id, std::string_view below_id,
                                  std::int64_t limit);

/// Deletes up to `limit` finished rows with ids below `below_id`; returns how many.
std::int64_t purge(transaction& in, std::string_view below_id, std::int64_t limit);

}  // namespace smsauth::store::outbox
