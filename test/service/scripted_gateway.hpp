// A gateway on the delivery thread that answers as its script says.
#pragma once

#include "sms/gateway.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace smsauth::test {

class scripted_gateway final : public sms::gateway {
 public:
  explicit scripted_gateway(std::string name) : name_(std::move(name)) {}

  std::string_view name() const noexcept override { return name_; }
  bool local() const noexcept override { return false; }
  std::int64_t longest_call_ms() const noexcept override { return longest_call_ms_; }

  sms::awaitable<sms::outcome> send(const sms::message& what) override {
    {
      const std::scoped_lock lock(mutex_);
      calls_.push_back(what);
    }
    most_at_once_ = std::max(most_at_once_.load(), ++at_once_);
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>
        step(executor);
    using token = boost::asio::use_awaitable_t<boost::asio::io_context::executor_type>;
    const auto as_tuple = boost::asio::as_tuple(token{});
    // Other messages have their turn meanwhile: at least once, and as long as the gateway is held.
    do {
      step.expires_after(std::chrono::milliseconds(1));
      co_await step.async_wait(as_tuple);
    } while (held_);
    --at_once_;
    co_return next_answer(what);
  }

  /// The answers in order; the last one is given for ever.
  void answer(std::vector<sms::outcome> all) {
    const std::scoped_lock lock(mutex_);
    answers_.assign(all.begin(), all.end());
  }
  void hold() { held_ = true; }
  void release() { held_ = false; }
  void take_at_most(std::int64_t ms) { longest_call_ms_ = ms; }

  std::vector<sms::message> calls() const {
    const std::scoped_lock lock(mutex_);
    return calls_;
  }
  std::size_t most_at_once() const { return most_at_once_; }

 private:
  sms::outcome next_answer(const sms::message& what) {
    const std::scoped_lock lock(mutex_);
    if (answers_.empty()) return sms::outcome::accepted(name_ + '-' + what.id);
    sms::outcome next = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    return next;
  }

  const std::string name_;
  mutable std::mutex mutex_;
  std::vector<sms::message> calls_;
  std::deque<sms::outcome> answers_;
  std::atomic<bool> held_{false};
  std::atomic<std::int64_t> longest_call_ms_{1'000};
  std::atomic<std::size_t> at_once_{0};
  std::atomic<std::size_t> most_at_once_{0};
};

}  // namespace smsauth::test
