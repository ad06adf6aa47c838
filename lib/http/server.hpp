// The listener: accepts connections on I/O threads of its own and serves a router over HTTP/1.1 (RFC 9110, 9112).
//
// One io_context per I/O thread, each with its own SO_REUSEPORT acceptor: a connection lives on one thread, so there
// are no strands and no locks on the way (1.5-2.8 x CPU otherwise, measured; see docs in README "Figures").
#pragma once

#include "core/limits.hpp"
#include "http/client_address.hpp"
#include "http/router.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace smsauth::http {

struct server_settings {
  boost::asio::ip::tcp::endpoint endpoint;
  core::http_limits limits;
  trusted_proxies proxies;
  std::string server_name = "smsauthd";  ///< Server field, without a version (HTTP-13)
};

/// One listener over the io_contexts it is given (it does not run them).
class server {
 public:
  /// Binds at once; the endpoint with the port that port 0 picked is endpoint(). Throws boost::system::system_error
  /// when the address is taken. `router` and `contexts` outlive the server.
  server(server_settings settings, const router& routes, std::span<boost::asio::io_context* const> contexts);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  boost::asio::ip::tcp::endpoint endpoint() const;
  /// Starts accepting.
  void start();
  /// Closes the acceptors and idle connections; busy ones answer what they have read with Connection: close and end.
  /// Any thread.
  void drain();
  /// Closes what is left. Any thread.
  void abort();
  /// Open connections. Any thread.
  std::size_t connections() const noexcept;
  /// Requests being handled at this moment. Any thread.
  std::size_t requests_in_flight() const noexcept;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace smsauth::http
