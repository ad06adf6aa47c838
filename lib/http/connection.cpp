#include "http/connection.hpp"

#include "http/listener.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <span>
#include <utility>

namespace smsauth::http {

namespace asio = boost::asio;

namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

constexpr asio::use_awaitable_t<asio::io_context::executor_type> use_awaitable;

/// A connection that gets requests faster than this keeps its buffers while it waits for the next one. The others, and
/// this one after a pause, hold none.
constexpr milliseconds keep_buffers{250};
/// A connection that was busy this recently may have a request on its way when draining starts.
constexpr milliseconds drain_idle{500};
/// How long, and for how many octets, we listen to a client that may not have read our last reply yet.
constexpr milliseconds linger_time{2000};
constexpr std::size_t max_dropped_bytes = std::size_t{256} * 1024;
constexpr std::size_t drop_buffer_bytes = std::size_t{4} * 1024;

/// Counts a handler as long as its coroutine lives.
class handler_count {
 public:
  explicit handler_count(listener& owner) : owner_(owner) { owner_.handler_began(); }
  ~handler_count() { owner_.handler_ended(); }
  handler_count(const handler_count&) = delete;
  handler_count& operator=(const handler_count&) = delete;

 private:
  listener& owner_;
};

}  // namespace

connection::connection(std::shared_ptr<listener> owner, ready_socket socket, const peer& who)
    : owner_(std::move(owner)), socket_(std::move(socket)), peer_(who), since_(edge::clock::now()) {
  owner_->connection_began(*this);
}

connection::~connection() {
  owner_->connection_ended(peer_.client);
}

awaitable<void> connection::run(std::unique_ptr<connection> self) {
  connection& c = *self;
  using step = conversation::step;
  for (;;) {
    const step next = c.talk_ == nullptr ? step::read : c.talk_->advance();
    if (next == step::serve) {
      c.enter(phase::serving, c.talk_->started());
      const handler_count counted(*c.owner_);
      try {
        auto reply = co_await c.talk_->route_handler()(c.talk_->request());
        if (c.abandoned_) break;
        c.talk_->finish(std::move(reply));
      } catch (...) {
        if (c.abandoned_) break;
        c.talk_->fail();
      }
      continue;
    }

    auto now = edge::clock::now();
    if (c.talk_ != nullptr && !c.talk_->output().empty()) {
      c.enter(phase::write, now);
      while (!c.send_some()) {
        co_await c.until(wait::writable);
        now = edge::clock::now();
      }
    }
    if (c.broken_) break;
    if (next == step::close) {
      if (!c.talk_->must_linger()) break;
      c.begin_linger(now);
      while (c.drop_input())
        co_await c.until(wait::readable);
      break;
    }
    if (next == step::send) {
      co_await asio::post(c.owner_->executor(), use_awaitable);
      continue;
    }

    c.enter_reading(now);
    if (c.socket_.readable()) {
      co_await asio::post(c.owner_->executor(), use_awaitable);  // a client that sends without end is not alone here
    } else {
      co_await c.until(wait::readable);
    }
    if (!c.read_waiting()) break;
  }
  c.owner_->wake_acceptor();
}

/// Call only when the socket is known not to be what is waited for; ends early when the sweep says so.
awaitable<void> connection::until(wait what) {
  return asio::async_initiate<const asio::use_awaitable_t<executor_type>&, void()>(
      [this, what](resumption&& go_on) {
        waits_for_ = what;
        waiting_.emplace(std::move(go_on));
      },
      use_awaitable);
}

void connection::ready(std::uint32_t events) {
  socket_.note(events);
  if (waits_for_ == wait::readable ? socket_.readable() : socket_.writable()) resume();
}

/// Here and now, without an allocation that could fail.
void connection::resume() {
  if (auto go_on = abandon()) std::move (*go_on)();
}

std::optional<connection::resumption> connection::abandon() noexcept {
  return std::exchange(waiting_, std::nullopt);
}

void connection::enter(phase next, edge::clock::time_point now) noexcept {
  phase_ = next;
  since_ = now;
}

/// A header's and a body's time runs from its first octet to its last, however slowly the others drip.
void connection::enter_reading(edge::clock::time_point now) noexcept {
  phase next = phase::idle;
  if (talk_ != nullptr && !talk_->idle()) next = talk_->reading_body() ? phase::body : phase::header;
  if (next == phase::idle && talk_ != nullptr) {
    if (release_ || now - idle_since_ >= keep_buffers) owner_->release(std::move(talk_));
    idle_since_ = now;
  }
  if (next != phase_) enter(next, now);
}

/// Without waiting: what came, also when the sweep is about to close the connection. As received().
bool connection::read_waiting() {
  if (talk_ == nullptr) talk_ = owner_->take(peer_);
  const std::span<char> space = talk_->input_space();
  error_code error;
  const std::size_t count = socket_.receive(space, error);
  return received(count, error);
}

/// False when the connection ends.
bool connection::received(std::size_t count, const error_code& error) {
  if (broken_) return false;
  if (expired_ && phase_ != phase::idle) {
    expired_ = false;
    talk_->give_up_reading();
    return true;
  }
  if (error == asio::error::would_block) return !expired_;
  if (error) return false;
  expired_ = false;  // the request came just in time
  release_ = false;
  talk_->received(count);
  return true;
}

/// False when the socket takes no more for now.
bool connection::send_some() {
  while (!talk_->output().empty()) {
    error_code error;
    const std::size_t count = socket_.send(talk_->output(), error);
    if (error == asio::error::would_block) return broken_;
    if (error) {
      broken_ = true;
      return true;
    }
    talk_->sent(count);
  }
  return true;
}

/// Says that this was all, and listens on until the client closes: octets that come to a closed socket are answered
/// with a reset, which would take our last reply away from a client that has not read it yet.
void connection::begin_linger(edge::clock::time_point now) noexcept {
  enter(phase::linger, now);
  socket_.shutdown_send();
}

/// False when there is nothing more to wait for.
bool connection::drop_input() noexcept {
  std::array<char, drop_buffer_bytes> ignored;
  while (!expired_ && dropped_ < max_dropped_bytes) {
    error_code error;
    const std::size_t count = socket_.receive(ignored, error);
    if (error == asio::error::would_block) return true;
    if (error) return false;
    dropped_ += count;
  }
  return false;
}

void connection::sweep(edge::clock::time_point now) {
  const core::http_limits& limits = owner_->shared().settings.limits;
  const auto age = std::chrono::duration_cast<milliseconds>(now - since_);
  switch (phase_) {
    case phase::idle:
      if (talk_ != nullptr) {
        release_ = age >= keep_buffers;
        if (release_) resume();
        return;
      }
      if (age < milliseconds(limits.idle_timeout_ms) && !(owner_->shared().draining && age >= drain_idle)) return;
      break;
    case phase::header:
      if (age < milliseconds(limits.header_timeout_ms)) return;
      break;
    case phase::body:
      if (age < milliseconds(limits.body_timeout_ms)) return;
      break;
    case phase::linger:
      if (age < linger_time) return;
      break;
    case phase::serving:
      if (age >= milliseconds(limits.handler_timeout_ms)) give_up_handler();
      return;
    case phase::write:
      if (age >= milliseconds(limits.write_timeout_ms)) close();
      return;
  }
  expired_ = true;
  resume();
}

/// Answers in the handler's place. The coroutine stays with the handler and ends when that returns: what it waits for
/// (a database) has no way to be cancelled.
void connection::give_up_handler() {
  if (abandoned_) {
    if (edge::clock::now() - since_ >= linger_time) close();
    return;
  }
  abandoned_ = true;
  try {
    talk_->give_up_handler();
    send_some();
  } catch (const std::exception&) {
    close();  // no memory for the reply
    return;
  }
  socket_.shutdown_send();
}

void connection::close() {
  broken_ = true;
  socket_.close();
  resume();
}

}  // namespace smsauth::http
