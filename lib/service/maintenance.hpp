// What runs beside the requests: counters to the database, abandoned messages, token keys of other nodes, old rows.
#pragma once

#include "runtime/awaitable.hpp"
#include "service/context.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <atomic>
#include <chrono>
#include <mutex>

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
  using timer_type = boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                                       boost::asio::io_context::executor_type>;

  context& shared_;
  std::atomic<bool> stopped_{false};
  std::atomic<bool> running_{false};
  std::mutex mutex_;
  timer_type* pause_ = nullptr;  ///< of run(), while it runs
  std::string session_cursor_;
  std::string token_cursor_;
  std::string address_cursor_;
};

}  // namespace smsauth::service
