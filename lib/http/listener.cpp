#include "http/listener.hpp"

#include "telemetry/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/core/demangle.hpp>

#include <chrono>
#include <exception>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <typeinfo>
#include <utility>

namespace smsauth::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

constexpr asio::use_awaitable_t<asio::io_context::executor_type> use_awaitable;
constexpr auto with_error = asio::as_tuple(use_awaitable);

constexpr milliseconds sweep_interval{250};  ///< time-outs are late by this much at most
constexpr milliseconds accept_pause{100};    ///< while no descriptor or no place is free (pitfall D14)
constexpr std::size_t accepts_at_once = 64;  ///< then the connections have their turn
constexpr std::chrono::seconds report_interval{1};
constexpr std::size_t max_spare_conversations = 128;  ///< of about 8 KiB each

using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// For co_spawn: a coroutine of ours that ends with an exception is a bug or a lack of memory (pitfall D12).
class report_failure {
 public:
  explicit report_failure(std::string_view what) : what_(what) {}

  void operator()(const std::exception_ptr& failure) const {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      const std::string type = boost::core::demangle(typeid(e).name());
      telemetry::log(telemetry::log_level::error, what_, {{"exception", std::string_view(type)}});
    } catch (...) {
      telemetry::log(telemetry::log_level::error, what_, {{"exception", std::string_view("unknown")}});
    }
  }

 private:
  std::string_view what_;
};

}  // namespace

bool connection_census::enter(const std::string& key, std::size_t limit) {
  const std::scoped_lock lock(mutex_);
  std::size_t& count = by_address_[key];
  if (count >= limit) return false;
  ++count;
  return true;
}

void connection_census::leave(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_address_.find(key);
  if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
}

listener::listener(asio::io_context& context, const server_settings& settings, const router& routes,
                   std::shared_ptr<connection_census> census, bool share_port)
    : context_(context),
      edge_(settings, routes),
      census_(std::move(census)),
      acceptor_(context.get_executor(), settings.endpoint.protocol()),
      sockets_(context),
      accept_pause_(context.get_executor()),
      sweep_timer_(context.get_executor()) {
  acceptor_.set_option(acceptor_type::reuse_address(true));
  if (share_port) acceptor_.set_option(reuse_port(true));
  acceptor_.bind(settings.endpoint);
  acceptor_.listen();
  acceptor_.non_blocking(true);  // accept_waiting() must not wait
}

void listener::start() {
  asio::co_spawn(context_, accept_all(shared_from_this()), report_failure("accept_failed"));
  asio::co_spawn(context_, sweep_often(shared_from_this()), report_failure("sweep_failed"));
  asio::co_spawn(context_, resume_ready(shared_from_this()), report_failure("resume_failed"));
}

awaitable<void> listener::accept_all(std::shared_ptr<listener> self) {
  listener& l = *self;
  while (l.acceptor_.is_open()) {
    bool pause = l.full();
    if (!pause) {
      co_await l.acceptor_.async_wait(acceptor_type::wait_read, with_error);
      if (!l.acceptor_.is_open()) break;
      const error_code error = l.accept_waiting(accepts_at_once);
      pause = error && error != asio::error::would_block;
      if (pause) l.report_accept_error(error);
    }
    if (pause) {
      l.accept_pause_.expires_after(accept_pause);
      co_await l.accept_pause_.async_wait(with_error);
    }
  }
}

awaitable<void> listener::sweep_often(std::shared_ptr<listener> self) {
  listener& l = *self;
  while (!l.edge_.draining || !l.connections_.empty()) {
    l.sweep_timer_.expires_after(sweep_interval);
    co_await l.sweep_timer_.async_wait(with_error);
    l.sweep();
  }
  error_code ignored;
  l.sockets_.descriptor().close(ignored);  // ends resume_ready()
}

/// The connections' waits. Ends with them; destroyed with the io_context, it takes along those that still wait.
awaitable<void> listener::resume_ready(std::shared_ptr<listener> self) {
  listener& l = *self;
  const std::unique_ptr<listener, void (*)(listener*)> at_end(&l,
                                                              [](listener* ended) { ended->abandon_connections(); });
  while (l.sockets_.descriptor().is_open()) {
    co_await l.sockets_.descriptor().async_wait(readiness_set::descriptor_type::wait_read, with_error);
    if (!l.sockets_.descriptor().is_open()) break;
    for (const epoll_event& event : l.sockets_.ready())
      static_cast<connection*>(event.data.ptr)->ready(event.events);
  }
}

void listener::abandon_connections() {
  std::vector<connection::resumption> abandoned;
  for (connection& c : connections_) {
    if (auto waiting = c.abandon()) abandoned.push_back(std::move(*waiting));
  }
}

/// `use` may end the connection it is given, and no other.
template <class Use>
void listener::for_each_connection(Use use) {
  for (auto next = connections_.begin(); next != connections_.end();) {
    connection& c = *next++;
    use(c);
  }
}

void listener::sweep() {
  const auto now = edge::clock::now();
  for_each_connection([now](connection& c) { c.sweep(now); });
}

/// May be exceeded by one connection per further I/O thread: each looks before it accepts.
bool listener::full() const noexcept {
  return census_->connections.load(std::memory_order_relaxed) >= edge_.settings.limits.connections;
}

void listener::admit(ready_socket socket, const tcp::endpoint& from) {
  const peer who(from.address(), edge_.settings.proxies);
  const std::size_t per_address = edge_.settings.limits.connections_per_address;
  if (per_address > 0 && !census_->enter(who.client.limit_key(), per_address)) return;
  // One reply, one segment: nothing to gain from waiting for more. Fails only for a socket that is gone already.
  const int on = 1;
  ::setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto accepted = std::make_unique<connection>(shared_from_this(), std::move(socket), who);
  error_code error;
  accepted->watch(sockets_, error);
  if (error) return report_accept_error(error);
  asio::co_spawn(context_, connection::run(std::move(accepted)), report_failure("connection_failed"));
}

/// Takes the connections that wait in the acceptor's queue. Also before closing it, which would reset them.
/// What ended it; nothing when no place is free or `at_most` were taken.
error_code listener::accept_waiting(std::size_t at_most) {
  error_code error;
  for (std::size_t taken = 0; taken < at_most && !full(); ++taken) {
    tcp::endpoint from;
    ready_socket socket = ready_socket::accept(acceptor_.native_handle(), from, error);
    if (socket.is_open()) {
      admit(std::move(socket), from);
    } else if (error != asio::error::connection_aborted && error != asio::error::interrupted) {
      return error;
    }
  }
  return {};
}

void listener::report_accept_error(const error_code& error) {
  const auto now = edge::clock::now();
  if (now - last_report_ < report_interval) return;
  last_report_ = now;
  telemetry::log(telemetry::log_level::error, "accept_failed", {{"errno", std::int64_t{error.value()}}});
}

void listener::drain() {
  if (edge_.draining) return;
  edge_.draining = true;
  error_code ignored;
  if (acceptor_.is_open()) accept_waiting(edge_.settings.limits.connections);
  acceptor_.close(ignored);
  accept_pause_.cancel();
  sweep();
  sweep_timer_.cancel();  // its coroutine may have nothing left to wait for
}

void listener::abort() {
  drain();
  for_each_connection([](connection& c) { c.close(); });
}

std::unique_ptr<conversation> listener::take(const peer& who) {
  std::unique_ptr<conversation> talk;
  if (spare_.empty()) {
    talk = std::make_unique<conversation>(edge_);
  } else {
    talk = std::move(spare_.back());
    spare_.pop_back();
  }
  talk->attach(who);
  return talk;
}

void listener::release(std::unique_ptr<conversation> talk) {
  if (spare_.size() < max_spare_conversations) spare_.push_back(std::move(talk));
}

void listener::connection_began(connection& c) {
  connections_.push_back(c);
  census_->connections.fetch_add(1, std::memory_order_relaxed);
}

/// Called by destructors, also while the io_context is destroyed: touches nothing of Asio's.
void listener::connection_ended(const client_address& client) {
  census_->connections.fetch_sub(1, std::memory_order_relaxed);
  if (edge_.settings.limits.connections_per_address > 0) census_->leave(client.limit_key());
}

void listener::wake_acceptor() {
  if (acceptor_.is_open()) accept_pause_.cancel();
}

}  // namespace smsauth::http
