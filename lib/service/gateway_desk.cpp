#include "service/gateway_desk.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace smsauth::service {

namespace {

using clock = std::chrono::steady_clock;
using token = boost::asio::use_awaitable_t<boost::asio::io_context::executor_type>;

core::epoch_ms steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now().time_since_epoch()).count();
}

// Does this answer say that the gateway itself is unwell?
bool speaks_against_gateway(const sms::outcome& result) {
  if (result.what == sms::outcome::kind::unknown) return true;
  if (result.what != sms::outcome::kind::rejected) return false;
  return result.reason == sms::rejection::retry_later || result.reason == sms::rejection::auth_config ||
         result.reason == sms::rejection::insufficient_funds;
}

}  // namespace

gateway_desk::gateway_desk(std::unique_ptr<sms::gateway> gateway, desk_settings settings)
    : gateway_(std::move(gateway)),
      settings_(std::move(settings)),
      breaker_(settings_.breaker),
      rate_(settings_.per_second),
      numbers_(settings_.number_limits) {}

gateway_desk::gate gateway_desk::ask(std::string_view number, core::epoch_ms now) {
  if (!numbers_.allows(number, now)) return gate::number_limit;
  return breaker_.allows(now) ? gate::open : gate::circuit_open;
}

runtime::awaitable<bool> gateway_desk::take_turn(clock::time_point deadline) {
  const auto executor = co_await boost::asio::this_coro::executor;
  if (busy_ >= settings_.concurrent) {
    if (waiting_.size() >= settings_.waiting) co_return false;
    timer_type turn(executor, deadline);
    waiting_.push_back(&turn);
    const auto as_tuple = boost::asio::as_tuple(token{});
    co_await turn.async_wait(as_tuple);
    // Whoever ended a call took this one out of the line and left the place to it; else the time was over.
    const auto mine = std::find(waiting_.begin(), waiting_.end(), &turn);
    if (mine != waiting_.end()) {
      waiting_.erase(mine);
      co_return false;
    }
  } else {
    ++busy_;
  }
  const std::int64_t pause = rate_.take(steady_ms());
  if (pause == 0) co_return true;
  if (clock::now() + std::chrono::milliseconds(pause) > deadline) {
    release();
    co_return false;
  }
  timer_type rate(executor, std::chrono::milliseconds(pause));
  const auto as_tuple = boost::asio::as_tuple(token{});
  co_await rate.async_wait(as_tuple);
  co_return true;
}

void gateway_desk::release() noexcept {
  if (waiting_.empty()) {
    --busy_;
    return;
  }
  timer_type* const next = waiting_.front();
  waiting_.pop_front();
  next->cancel();
}

void gateway_desk::give_turn(std::string_view number, const sms::outcome& result, core::epoch_ms now) {
  if (speaks_against_gateway(result)) {
    breaker_.failed(now);
  } else {
    breaker_.succeeded();
  }
  // An unknown outcome counts as sent for limits.
  if (result.what != sms::outcome::kind::rejected) numbers_.count(number, now);
  release();
}

void gateway_desk::give_turn_unused() {
  breaker_.abandoned();
  release();
}

}  // namespace smsauth::service
