// What runs beside the requests: counters to the database, abandoned messages, token keys of other nodes, old rows.
#pragma once

#include "runtime/awaitable.hpp"
#include "service/context.hpp"

#include <atomic>

namespace smsauth::service {

class maintenance {
 public:
  explicit maintenance(context& shared) : shared_(shared) {}

  /// One coroutine on one I/O thread, until stop(). Failures wait for the next round.
  runtime::awaitable<void> run();
  /// Any thread; the coroutine ends within a second.
  void stop() noexcept { stopped_ = true; }

  /// Single rounds, for the shutdown and for tests.
  runtime::awaitable<void> flush_counters();
  runtime::awaitable<void> reload_keys();
  runtime::awaitable<void> purge();

 private:
  context& shared_;
  std::atomic<bool> stopped_{false};
  std::string session_cursor_;
  std::string token_cursor_;
  std::string address_cursor_;
};

}  // namespace smsauth::service
