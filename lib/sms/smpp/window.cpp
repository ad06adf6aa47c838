#include "sms/smpp/window.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace smsauth::sms::smpp {

namespace asio = boost::asio;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>{});

}  // namespace

/// Lives in the frame of take(); in the queue until it has a place or is dismissed.
struct window::waiter {
  waiter(window& of, clock::time_point until) : queue(of.waiting_), deadline(until), timer(of.where_, until) {
    queue.push_back(this);
  }
  ~waiter() { leave(); }
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;

  void leave() noexcept {
    const auto found = std::find(queue.begin(), queue.end(), this);
    if (found != queue.end()) queue.erase(found);
  }

  std::deque<waiter*>& queue;
  const clock::time_point deadline;
  timer_type timer;
  bool granted = false;
};

net::awaitable<bool> window::take(clock::time_point deadline) {
  waiter me(*this, deadline);
  grant();
  if (!me.granted) co_await me.timer.async_wait(with_error);
  co_return me.granted;
}

void window::give() {
  --taken_;
  grant();
}

void window::open() {
  open_ = true;
  grant();
}

void window::grant() {
  while (open_ && taken_ < places_ && !waiting_.empty()) {
    waiter& next = *waiting_.front();
    waiting_.pop_front();
    next.granted = true;
    ++taken_;
    next.timer.cancel();
  }
}

void window::dismiss_before(clock::time_point earliest) {
  const std::deque<waiter*> all = waiting_;
  for (waiter* const each : all) {
    if (each->deadline >= earliest) continue;
    each->leave();
    each->timer.cancel();
  }
}

}  // namespace smsauth::sms::smpp
