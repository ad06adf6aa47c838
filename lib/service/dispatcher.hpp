// From the outbox to the gateways, outside every transaction. A message is handed over by the node that accepted it;
// what a dead node left behind is taken over when its lease runs out. One process never sends a row twice; a crash
// between the gateway's answer and the mark sends at most once more, with the same code.
#pragma once

#include "core/error.hpp"
#include "crypto/secret.hpp"
#include "runtime/awaitable.hpp"
#include "service/clock.hpp"
#include "service/database_lanes.hpp"
#include "service/delivery_routes.hpp"
#include "service/delivery_settings.hpp"
#include "service/outbox_marks.hpp"
#include "sms/gateway.hpp"
#include "store/delivery_store.hpp"
#include "store/outbox_store.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace smsauth::service {

/// What became of a message within the time its request waits.
enum class delivery_end : std::uint8_t {
  pending,   ///< under way
  sent,      ///< accepted, or perhaps accepted
  refused,   ///< by every route
  left_over  ///< expired, superseded, or another node's by now
};

class dispatcher {
 public:
  dispatcher(database_lanes& database, const delivery_routes& routes, const crypto::sub_key& seal, clock& time,
             std::string node, delivery_settings settings = {});

  static constexpr std::int64_t lease_ms = 30'000;
  static constexpr std::int64_t sweep_interval_ms = 5'000;
  static constexpr std::int64_t retention_ms = 7 * core::ms_per_day;

  const std::string& node() const noexcept { return node_; }
  core::epoch_ms lease_until(core::epoch_ms now) const noexcept { return now + lease_ms; }

  /// The outbox row's body: code, language and text sealed, bound to the message's id and number.
  std::string sealed_body(const sms::message& what) const;

  /// Delivers a message whose outbox row was just committed. A local sink has it when this returns; other gateways are
  /// called by the delivery thread, and only a discuzq send waits for them, if wait_ms says so.
  runtime::awaitable<delivery_end> hand_over(const sms::message& what);
  /// A message that nobody shall send (a review number's): its row is closed, its body erased.
  runtime::awaitable<void> close_unsent(const std::string& id, std::string_view why);

  /// Takes over what is pending and leased to nobody, and writes outstanding marks. Returns when all of it is under
  /// way.
  runtime::awaitable<void> sweep();
  /// Messages handed over whose rows are not marked yet, and messages in the hands of the delivery thread.
  std::size_t unmarked() const { return marks_.outstanding(); }
  std::size_t in_delivery() const;
  /// When the oldest message was asked for that the last sweep found pending; 0 = none.
  core::epoch_ms oldest_pending() const noexcept { return oldest_pending_; }
  /// Writes the marks of what was handed over. Returns when all are written or the database refuses.
  runtime::awaitable<void> flush_marks() { return marks_.flush(); }
  /// Messages between two rounds are left to the next node or start. Any thread.
  void stop() noexcept { stopping_ = true; }

 private:
  friend class delivery_run;
  struct listener;

  bool begin(const std::string& id);
  void end(const std::string& id);
  bool in_hand(const std::string& id) const;
  runtime::awaitable<delivery_end> deliver_locally(const sms::message& what);
  void deliver_remotely(sms::message what, core::epoch_ms lease_end, std::shared_ptr<listener> told);
  runtime::awaitable<void> run_delivery(sms::message what, core::epoch_ms lease_end, std::shared_ptr<listener> told);
  runtime::awaitable<delivery_end> wait_for_end(const sms::message& what);
  runtime::awaitable<void> take_over(const store::outbox::message_row& row);
  void flush_soon(const boost::asio::io_context::executor_type& where);

  database_lanes& database_;
  const delivery_routes& routes_;
  const crypto::sub_key& seal_;
  clock& clock_;
  const std::string node_;
  const delivery_settings settings_;
  outbox_marks marks_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::unordered_set<std::string> in_delivery_;
  std::atomic<core::epoch_ms> oldest_pending_{0};
  std::string swept_to_;  ///< every row below it is finished; only the sweep touches it
};

}  // namespace smsauth::service
