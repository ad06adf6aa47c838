// From the outbox to the gateway, outside every transaction. A message is handed over by the node that accepted it;
// what a dead node left behind is taken over when its lease runs out. One process never sends a row twice; a crash
// between the gateway's answer and the mark sends it at most once more, with the same code.
#pragma once

#include "core/error.hpp"
#include "crypto/secret.hpp"
#include "runtime/awaitable.hpp"
#include "service/clock.hpp"
#include "service/database_lanes.hpp"
#include "sms/gateway.hpp"
#include "store/outbox_store.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace smsauth::service {

class dispatcher {
 public:
  dispatcher(database_lanes& database, sms::gateway& gateway, const crypto::sub_key& seal, clock& time,
             std::string node);

  static constexpr std::int64_t lease_ms = 30'000;
  static constexpr std::int64_t sweep_interval_ms = 5'000;
  static constexpr std::int64_t retention_ms = 7 * core::ms_per_day;

  const std::string& node() const noexcept { return node_; }
  core::epoch_ms lease_until(core::epoch_ms now) const noexcept { return now + lease_ms; }

  /// Code, language and text as one sealed text for the outbox row; bound to the row's id and number.
  std::string sealed_body(const sms::message& what) const;

  /// Delivers a message whose row is committed. With a local gateway it is written when this returns; with a remote one
  /// delivery goes on by itself. Never fails: what did not go out stays in the outbox for the next sweep.
  runtime::awaitable<void> hand_over(sms::message& what);

  /// Takes over and delivers what other nodes (or an earlier process) left behind; closes what has expired. Called
  /// about every sweep_interval_ms, one call at a time. Looks at each row about once: rows are in order of time, and
  /// the sweep remembers up to where all are finished.
  runtime::awaitable<void> sweep();
  /// Messages handed over whose rows are not marked yet.
  std::size_t unmarked() const;
  /// Writes the marks of what was handed over. Returns when all are written or the database refuses.
  runtime::awaitable<void> flush_marks();

 private:
  struct mark {
    std::string id;
    store::outbox::state end;
  };
  void note(std::string id, store::outbox::state end);
  runtime::awaitable<void> deliver(const sms::message& what);
  runtime::awaitable<bool> write_marks(std::vector<mark> batch);
  runtime::awaitable<void> take_over(const store::outbox::message_row& row);
  bool awaits_mark(const std::string& id) const;

  database_lanes& database_;
  sms::gateway& gateway_;
  const crypto::sub_key& seal_;
  clock& clock_;
  const std::string node_;
  mutable std::mutex mutex_;
  std::vector<mark> marks_;
  bool flushing_ = false;
  std::unordered_set<std::string>
      unmarked_;          ///< ids of all marks that are not committed, also of a transaction under way
  std::string swept_to_;  ///< every row below it is finished; only the sweep touches it
};

}  // namespace smsauth::service
