// HTTP/1.1 client for the gateways: one base URL, TLS verified, connections kept alive, every step under a deadline.
//
// Nothing of what is sent or received is ever logged here: URLs and bodies hold codes and secrets.
#pragma once

#include "net/awaitable.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::net {

struct http_header {
  std::string name;
  std::string value;
};

/// What a caller sends. The client adds Host, Content-Length and Connection.
struct http_request {
  std::string method = "POST";
  std::string target = "/";  ///< path and query as they stand on the wire, behind the base URL's own path
  std::vector<http_header> headers;
  std::string body;
};

struct http_reply {
  unsigned status = 0;
  std::vector<http_header> headers;
  std::string body;
  /// The first field of that name (case-insensitive), or empty.
  std::string_view header(std::string_view name) const noexcept;
};

/// How an exchange ended. The difference between not_sent and unknown decides whether another gateway may be tried.
enum class exchange_end : std::uint8_t {
  replied,   ///< a whole reply came, whatever its status
  not_sent,  ///< no byte of the request was written: connect, TLS or certificate failure, no free connection in time
  unknown,   ///< written, at least in part, and no whole reply: the peer may have acted on it
};

struct exchange {
  exchange_end end = exchange_end::not_sent;
  http_reply reply;  ///< only for replied
  std::string_view failure =
      {};  ///< a literal for the log: "connect", "tls", "certificate", "timeout", "closed", "malformed", "too_large"
};

struct http_client_settings {
  std::string base_url;  ///< http(s)://HOST[:PORT][/PREFIX]; HOST a name or an address ([::1] for IPv6)
  std::string ca_file;   ///< PEM; empty = the system store
  std::int64_t connect_timeout_ms = 2'000;  ///< name, TCP and TLS together
  std::int64_t reply_timeout_ms = 5'000;    ///< from the first byte written to the last byte read
  std::int64_t idle_timeout_ms = 10'000;    ///< a connection unused for longer is closed instead of used again
  std::size_t connections = 16;             ///< at once; more requests wait, within their deadline
  std::size_t reply_bytes = 256 * 1024;     ///< header and body of a reply; more is "too_large"
};

class http_client {
 public:
  using clock = std::chrono::steady_clock;

  /// Throws std::invalid_argument when base_url is none, std::runtime_error when the CA file cannot be read. `where` is
  /// run by one thread; every call comes from it.
  http_client(boost::asio::io_context& where, http_client_settings settings);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Sends once: never repeats a request whose fate is unknown. A kept connection that the peer closed is noticed
  /// before anything is written, and replaced. Redirects are replies. `request` lives until the coroutine ends. Does
  /// not throw for what a peer or the network can cause.
  awaitable<exchange> send(const http_request& request, clock::time_point deadline);

  /// The Host field exactly as sent: no port where it is the scheme's default (rule 0.2 of the gateways).
  const std::string& host() const noexcept;
  /// The base URL's path without a slash at its end; often empty. It stands before every target.
  const std::string& path_prefix() const noexcept;

 private:
  class impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace smsauth::net
