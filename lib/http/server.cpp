#include "http/server.hpp"

#include "http/listener.hpp"

#include <boost/asio/post.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

namespace smsauth::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// SO_REUSEPORT would let a second process share the port in silence, so ask for it alone once. Throws system_error.
void require_free(asio::io_context& context, const tcp::endpoint& endpoint) {
  asio::basic_socket_acceptor<tcp, asio::io_context::executor_type> probe(context.get_executor(), endpoint.protocol());
  probe.set_option(asio::socket_base::reuse_address(true));
  probe.bind(endpoint);
  probe.listen();
}

}  // namespace

class server::impl {
 public:
  impl(server_settings settings, const router& routes, std::span<asio::io_context* const> contexts)
      : census_(std::make_shared<connection_census>()) {
    if (contexts.empty()) throw std::invalid_argument("a server needs an io_context");
    const bool share_port = contexts.size() > 1;
    if (share_port && settings.endpoint.port() != 0) require_free(*contexts.front(), settings.endpoint);
    for (asio::io_context* context : contexts) {
      auto added = std::make_shared<listener>(*context, settings, routes, census_, share_port);
      settings.endpoint = added->endpoint();  // port 0: the others take the port that the first one got
      members_.push_back({context, std::move(added)});
    }
    endpoint_ = settings.endpoint;
  }

  ~impl() { abort(); }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  tcp::endpoint endpoint() const { return endpoint_; }

  void start() {
    for (const member& m : members_)
      m.share->start();
  }

  void drain() {
    for (const member& m : members_)
      asio::post(*m.context, [share = m.share] { share->drain(); });
  }

  void abort() {
    for (const member& m : members_)
      asio::post(*m.context, [share = m.share] { share->abort(); });
  }

  std::size_t connections() const noexcept { return census_->connections.load(std::memory_order_relaxed); }

  std::size_t handlers() const noexcept {
    std::size_t sum = 0;
    for (const member& m : members_)
      sum += m.share->handlers();
    return sum;
  }

 private:
  struct member {
    asio::io_context* context;
    std::shared_ptr<listener> share;
  };

  std::shared_ptr<connection_census> census_;
  std::vector<member> members_;
  tcp::endpoint endpoint_;
};

server::server(server_settings settings, const router& routes, std::span<asio::io_context* const> contexts)
    : impl_(std::make_unique<impl>(std::move(settings), routes, contexts)) {}

server::~server() = default;

tcp::endpoint server::endpoint() const {
  return impl_->endpoint();
}
void server::start() {
  impl_->start();
}
void server::drain() {
  impl_->drain();
}
void server::abort() {
  impl_->abort();
}
std::size_t server::connections() const noexcept {
  return impl_->connections();
}
std::size_t server::requests_in_flight() const noexcept {
  return impl_->handlers();
}

}  // namespace smsauth::http
