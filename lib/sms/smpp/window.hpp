// How many requests may be out without an answer, and who is next.
#pragma once

#include "net/awaitable.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>

namespace smsauth::sms::smpp {

/// Every call comes from the thread that runs `where`.
class window {
 public:
  using clock = std::chrono::steady_clock;
  using timer_type =
      boost::asio::basic_waitable_timer<clock, boost::asio::wait_traits<clock>, boost::asio::io_context::executor_type>;

  window(boost::asio::io_context& where, std::size_t places) : where_(where), places_(places) {}
  window(const window&) = delete;
  window& operator=(const window&) = delete;

  /// Waits for a place, first come, first served. False when `deadline` came first or the wait was dismissed: nothing
  /// is held then. The window outlives the coroutine.
  net::awaitable<bool> take(clock::time_point deadline);
  /// Gives a place back.
  void give();
  std::size_t taken() const noexcept { return taken_; }

  /// Places are given out only while it is open; it begins shut.
  void open();
  void shut() noexcept { open_ = false; }
  /// Ends the wait of everybody whose deadline is before `earliest`.
  void dismiss_before(clock::time_point earliest);

 private:
  struct waiter;
  void grant();

  boost::asio::io_context& where_;
  const std::size_t places_;
  std::size_t taken_ = 0;
  bool open_ = false;
  std::deque<waiter*> waiting_;
};

}  // namespace smsauth::sms::smpp
