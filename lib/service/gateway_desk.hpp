// One gateway as the delivery thread deals with it: how many calls at once, how many a second, whether it is worth
// asking, what its vendor allows a number. Touched by that thread alone.
#pragma once

#include "core/time.hpp"
#include "runtime/awaitable.hpp"
#include "sms/circuit_breaker.hpp"
#include "sms/gateway.hpp"
#include "sms/number_windows.hpp"
#include "sms/token_bucket.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace smsauth::service {

struct desk_settings {
  std::size_t concurrent = 16;   ///< calls at once
  std::int64_t per_second = 0;   ///< calls a second; 0 = no limit
  std::size_t waiting = 10'000;  ///< messages that may wait for their turn
  sms::breaker_settings breaker;
  std::vector<sms::number_window> number_limits;
  bool failover_when_limited = false;  ///< rate_limited: the next gateway, by explicit policy only
};

class gateway_desk {
 public:
  using timer_type =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;

  gateway_desk(std::unique_ptr<sms::gateway> gateway, desk_settings settings);
  gateway_desk(const gateway_desk&) = delete;
  gateway_desk& operator=(const gateway_desk&) = delete;

  sms::gateway& gateway() const noexcept { return *gateway_; }
  const desk_settings& settings() const noexcept { return settings_; }

  enum class gate : std::uint8_t { open, circuit_open, number_limit };
  /// After gate::open either take_turn() and give_turn() follow, or skip().
  gate ask(std::string_view number, core::epoch_ms now);
  void skip() noexcept { breaker_.abandoned(); }

  /// Waits for a free place and the rate. False when `deadline` came first or too many wait; nothing is held then.
  runtime::awaitable<bool> take_turn(std::chrono::steady_clock::time_point deadline);
  /// The call has ended.
  void give_turn(std::string_view number, const sms::outcome& result, core::epoch_ms now);
  /// No call was made after all.
  void give_turn_unused();

 private:
  void release() noexcept;

  std::unique_ptr<sms::gateway> gateway_;
  desk_settings settings_;
  sms::circuit_breaker breaker_;
  sms::token_bucket rate_;
  sms::number_windows numbers_;
  std::size_t busy_ = 0;
  std::deque<timer_type*> waiting_;
};

}  // namespace smsauth::service
