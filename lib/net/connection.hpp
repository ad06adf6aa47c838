// One connection of the HTTP client: plain or TLS, with one timer for all its deadlines. Used by net/http_client alone.
#pragma once

#include "net/awaitable.hpp"
#include "net/base_url.hpp"
#include "net/http_client.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::net {

using executor = boost::asio::io_context::executor_type;
using socket_type = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;
using timer_type =
    boost::asio::basic_waitable_timer<http_client::clock, boost::asio::wait_traits<http_client::clock>, executor>;

class connection : public std::enable_shared_from_this<connection> {
 public:
  /// `tls` is null for plain HTTP.
  connection(boost::asio::io_context& where, boost::asio::ssl::context* tls);

  /// Name, TCP, TLS. Empty, or what failed: "connect", "tls", "certificate".
  awaitable<std::string_view> open(const base_url& to, http_client::clock::time_point deadline);
  /// Writes `wire` and reads the reply into `into`. Reusable afterwards when reusable() says so.
  awaitable<exchange> talk(const std::string& wire, bool head, std::size_t reply_bytes,
                           http_client::clock::time_point deadline);

  bool reusable() const noexcept { return reusable_; }
  /// Still silent and open: nothing can be read from it. Costs one recv.
  bool alive() noexcept;
  http_client::clock::time_point last_used() const noexcept { return last_used_; }

 private:
  awaitable<std::string_view> secure(const base_url& to);
  void arm(http_client::clock::time_point deadline);
  void disarm();
  socket_type& socket() noexcept { return tls_ ? tls_->next_layer() : *plain_; }

  std::optional<boost::asio::ssl::stream<socket_type>> tls_;
  std::optional<socket_type> plain_;
  timer_type timer_;
  std::uint64_t armed_ = 0;  ///< which arming a late timer handler belongs to
  bool timed_out_ = false;
  bool reusable_ = false;
  boost::beast::flat_buffer buffer_;
  http_client::clock::time_point last_used_{};
};

/// The addresses of a name, within the deadline: getaddrinfo itself knows none, so its thread is left behind. Empty
/// when there are none or it was late.
awaitable<std::vector<boost::asio::ip::tcp::endpoint>> resolve(const std::string& host, const std::string& port,
                                                               http_client::clock::time_point deadline);

}  // namespace smsauth::net
