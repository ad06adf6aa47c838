#include "store/counter_store.hpp"

namespace smsauth::store::counters {

namespace {

constexpr sql upsert{
    "address_counter.add",
    "INSERT INTO address_counter (address, action, window_ms, started_at, node, hits) VALUES (:p1, :p2, :p3, :p4, :p5, "
    ":p6) "
    "ON CONFLICT (address, action, window_ms, started_at, node) DO UPDATE SET hits = hits + excluded.hits",
    "INSERT INTO address_counter (address, action, window_ms, started_at, node, hits) VALUES (:p1, :p2, :p3, :p4, :p5, "
    ":p6) "
    "ON DUPLICATE KEY UPDATE hits = hits + VALUES(hits)"};
constexpr sql sum_others{
    "address_counter.others",
    "SELECT CAST(COALESCE(SUM(hits), 0) AS INTEGER) FROM address_counter WHERE address = :p1 AND action = :p2 AND "
    "window_ms = :p3 AND started_at = :p4 AND node <> :p5",
    "SELECT CAST(COALESCE(SUM(hits), 0) AS SIGNED) FROM address_counter WHERE address = :p1 AND action = :p2 AND "
    "window_ms = :p3 AND started_at = :p4 AND node <> :p5"};
constexpr sql addresses{"address_counter.keys",
                        "SELECT DISTINCT address FROM address_counter WHERE address > :p1 ORDER BY address LIMIT :p2"};
constexpr sql delete_range{
    "address_counter.purge",
    "DELETE FROM address_counter WHERE address > :p1 AND address <= :p2 AND started_at + window_ms < :p3"};

}  // namespace

void add(transaction& in, const delta& change, std::string_view node) {
  in.execute(upsert, change.address, change.action, change.window_ms, change.started_at, node, change.hits);
}

std::int64_t others(transaction& in, const delta& key, std::string_view node) {
  const auto row =
      in.row<std::tuple<int_column>>(sum_others, key.address, key.action, key.window_ms, key.started_at, node);
  return row ? std::get<0>(*row) : 0;
}

std::int64_t total(transaction& in, const delta& key) {
  return others(in, key, "");
}

std::string purge_after(transaction& in, std::string_view after_address, core::epoch_ms before, std::int64_t limit) {
  const auto keys = in.rows<std::tuple<text_column>>(addresses, after_address, limit);
  if (keys.empty()) return {};
  std::string last = std::get<0>(keys.back());
  in.execute(delete_range, after_address, last, before);
  return last;
}

}  // namespace smsauth::store::counters
