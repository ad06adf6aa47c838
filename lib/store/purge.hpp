// Rows that can never matter again go by ranges of the primary key: no index on expiry, no long transaction. The
// statements stand with their entities; this is the round through all of them.
#pragma once

#include "core/time.hpp"
#include "store/transaction.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace smsauth::store::purge {

enum class table : std::uint8_t {
  outbox,
  session,
  bind_token,
  reset_grant,
  verification,
  phone_quota,
  login_failure,
  address_counter,
  delivery_attempt,
  delivery_receipt,
  send_refusal
};
inline constexpr std::array all_tables{table::outbox,           table::session,         table::bind_token,
                                       table::reset_grant,      table::verification,    table::phone_quota,
                                       table::login_failure,    table::address_counter, table::delivery_attempt,
                                       table::delivery_receipt, table::send_refusal};

struct limits {
  core::epoch_ms now;
  std::string_view outbox_floor;  ///< least id of a message that is kept
  core::epoch_ms history_floor;   ///< receipts and refusals older than this go with their messages
  std::int64_t rows;              ///< keys looked at in one call
};

/// Looks at the next `rows` keys after `after` and deletes what is dead among them. Returns where to go on, empty at
/// the end.
std::string range(transaction& in, table which, std::string_view after, const limits& within);

/// One range of one table: `keys` (after, limit) gives the next keys, `remove` (after, last, dead_before) deletes among
/// them.
std::string key_range(transaction& in, const sql& keys, const sql& remove, std::string_view after,
                      core::epoch_ms dead_before, std::int64_t rows);

}  // namespace smsauth::store::purge
