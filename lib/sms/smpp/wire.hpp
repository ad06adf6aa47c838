// One TCP connection to an SMSC, plain or TLS, as a stream of PDUs. Has no time-outs of its own: whoever waits closes
// it.
//
// Nothing of what is sent or received is ever logged here: PDUs hold codes, numbers and the password.
#pragma once

#include "net/awaitable.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::sms::smpp {

/// Kept alive by its own operations. Every call comes from the one thread that runs `where`.
class wire : public std::enable_shared_from_this<wire> {
 public:
  /// More than this waiting to be written: the peer talks and does not listen.
  static constexpr std::size_t max_unsent_octets = 1024 * 1024;

  /// `tls` outlives this; null = plain TCP.
  wire(boost::asio::io_context& where, boost::asio::ssl::context* tls);

  /// Name, TCP and TLS with the peer's name checked. "" or why not: "resolve", "connect", "tls", "certificate",
  /// "closed".
  static net::awaitable<std::string_view> open(std::shared_ptr<wire> self, std::string host, std::string port);

  enum class read_end : std::uint8_t { pdu, closed, bad_length };
  /// The next whole PDU into `octets`, which lives until the coroutine ends. One reader at a time.
  static net::awaitable<read_end> read(std::shared_ptr<wire> self, std::string& octets);

  /// Queues a PDU; written as soon as those before it are. After close() it stays in the queue.
  void send(std::string octets, std::uint32_t sequence);
  /// Takes a request back of which nothing has been written. False when writing it has begun.
  bool withdraw(std::uint32_t sequence);

  /// Writes what is queued, then closes.
  void finish();
  void close() noexcept;
  bool closed() const noexcept { return closed_; }

 private:
  using socket_type = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
  using stream_type = boost::asio::ssl::stream<socket_type&>;
  struct queued {
    std::uint32_t sequence;
    std::string octets;
  };

  static net::awaitable<std::string_view> shake_hands(std::shared_ptr<wire> self, std::string host);
  void write_next();
  void written(const boost::system::error_code& error);

  boost::asio::io_context& where_;
  socket_type socket_;
  std::optional<stream_type> tls_;
  std::string received_;  ///< not yet a whole PDU, or more than one
  std::deque<queued> queue_;
  std::size_t queued_octets_ = 0;
  std::string writing_;  ///< not empty while a write runs
  bool open_ = false;
  bool finishing_ = false;
  bool closed_ = false;
};

}  // namespace smsauth::sms::smpp
