// What runs beside the requests: counters to the database, abandoned messages, token keys of other nodes, old rows.
#pragma once

#include "runtime/awaitable.hpp"
#include "service/context.hpp"
#include "store/purge.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace smsauth::service {

class maintenance {
 public:
  explicit maintenance(context& shared) : shared_(shared) {}

  /// One coroutine on one I/O thread, until stop(). Failures wait for the next round. Ends with a last round, so that a
  /// restart finds the counters and marks as they were.
  runtime::awaitable<void> run();
  /// Asks run() to end. Any thread.
  void stop();
  /// Has run() ended, or never begun?
  bool idle() const noexcept { return !running_; }

  /// Single rounds, for the shutdown and for tests.
  runtime::awaitable<void> flush_counters();
  runtime::awaitable<void> reload_keys();
  runtime::awaitable<void> purge();

 private:
  runtime::awaitable<bool> flush_part(const address_limiter::work& part);
  using timer_type =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;

  context& shared_;
  std::atomic<bool> stopped_{false};
  std::atomic<bool> running_{false};
  std::mutex mutex_;
  timer_type* pause_ = nullptr;  ///< of run(), while it runs
  struct purge_cursor {
    store::purge::table table;
    std::string position = {};
  };
  static constexpr std::size_t table_count = store::purge::all_tables.size();
  static std::array<purge_cursor, table_count> make_cursors();
  std::array<purge_cursor, table_count> cursors_ = make_cursors();
};

}  // namespace smsauth::service
