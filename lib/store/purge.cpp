#include "store/purge.hpp"

#include "store/counter_store.hpp"
#include "store/delivery_store.hpp"
#include "store/grant_store.hpp"
#include "store/outbox_store.hpp"
#include "store/password_store.hpp"
#include "store/quota_store.hpp"
#include "store/session_store.hpp"
#include "store/verification_store.hpp"

namespace smsauth::store::purge {

std::string key_range(transaction& in, const sql& keys, const sql& remove, std::string_view after,
                      core::epoch_ms dead_before, std::int64_t rows) {
  const auto found = in.rows<std::tuple<text_column>>(keys, after, rows);
  if (found.empty()) return {};
  std::string last = std::get<0>(found.back());
  in.execute(remove, after, last, dead_before);
  return last;
}

std::string range(transaction& in, table which, std::string_view after, const limits& within) {
  // What has ended is kept for another day, for the person who asks what became of it.
  const core::epoch_ms day_ago = within.now - core::ms_per_day;
  switch (which) {
    case table::outbox:
      return outbox::purge(in, within.outbox_floor, within.rows) > 0 ? std::string(within.outbox_floor) : std::string();
    case table::session:
      return sessions::purge_after(in, after, day_ago, within.rows);
    case table::bind_token:
      return grants::purge_bind_tokens_after(in, after, within.now, within.rows);
    case table::reset_grant:
      return grants::purge_resets_after(in, after, within.now, within.rows);
    case table::verification:
      return verification::purge_after(in, after, day_ago, within.rows);
    // A day's window begins with its first send and may see another in its last second, which still holds its gap.
    case table::phone_quota:
      return quota::purge_after(in, after, day_ago - core::ms_per_day, within.rows);
    case table::login_failure:
      return passwords::purge_failures_after(in, after, day_ago, within.rows);
    case table::address_counter:
      return counters::purge_after(in, after, within.now, within.rows);
    case table::delivery_attempt:
      return deliveries::purge_attempts_after(in, after, within.outbox_floor, within.rows);
    case table::delivery_receipt:
      return deliveries::purge_receipts_after(in, after, within.history_floor, within.rows);
    case table::send_refusal:
      return deliveries::purge_refusals_after(in, after, within.history_floor, within.rows);
  }
  return {};
}

}  // namespace smsauth::store::purge
