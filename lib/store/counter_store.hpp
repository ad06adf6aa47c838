// address_counter: what was counted per client address, flushed by each node as deltas (no hot row: one row per node).
#pragma once

#include "core/time.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::store::counters {

struct delta {
  std::string address;  ///< limit key
  std::string action;   ///< "send" or "lookup"
  std::int64_t window_ms = 0;
  core::epoch_ms started_at = 0;  ///< aligned to the window
  std::int64_t hits = 0;
};

void add(transaction& in, const delta& change, std::string_view node);
/// Sum over all nodes but `node`.
std::int64_t others(transaction& in, const delta& key, std::string_view node);
/// Sum over all nodes.
std::int64_t total(transaction& in, const delta& key);
/// Deletes windows that ended before `before`; key range (after, last], returns the last address, empty at the end.
std::string purge_after(transaction& in, std::string_view after_address, core::epoch_ms before, std::int64_t limit);

}  // namespace smsauth::store::counters
