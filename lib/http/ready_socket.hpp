// A client's socket and what is known of its readiness; and the epoll set that tells it.
//
// All sockets of an I/O thread stand in one edge-triggered epoll(7) set of our own, which Asio waits for as a whole. A
// socket of Asio's costs one system call more per request: 1.26 re-arms by epoll_ctl before each wait, or tries a recv
// that finds nothing, as it forgets that a short read has emptied the socket (CPU per request of /healthz against
// nginx: 1.11 with the recv, 1.05 with the epoll_ctl, measured).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <sys/epoll.h>

namespace smsauth::http {

/// A connected, non-blocking stream socket. One thread.
class ready_socket {
 public:
  /// The next connection that waits at `acceptor`; closed and `error` (would_block: none) otherwise.
  static ready_socket accept(int acceptor, boost::asio::ip::tcp::endpoint& from, boost::system::error_code& error);

  ready_socket() = default;
  ready_socket(ready_socket&& other) noexcept;
  ready_socket& operator=(ready_socket&&) = delete;
  ready_socket(const ready_socket&) = delete;
  ready_socket& operator=(const ready_socket&) = delete;
  ~ready_socket();

  bool is_open() const noexcept { return descriptor_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }

  /// Octets read; 0 with would_block, eof or what is wrong with the socket.
  std::size_t receive(std::span<char> space, boost::system::error_code& error) noexcept;
  /// Octets taken; 0 with would_block or what is wrong with the socket.
  std::size_t send(std::string_view octets, boost::system::error_code& error) noexcept;
  void shutdown_send() noexcept;
  void close() noexcept;

  /// `events` of epoll_wait have come.
  void note(std::uint32_t events) noexcept;
  /// receive() may find something, if only the end: true until it found the socket empty.
  bool readable() const noexcept { return readable_ || ended_; }
  /// True until send() found no room.
  bool writable() const noexcept { return writable_; }

 private:
  int descriptor_ = -1;
  bool readable_ = false;
  bool writable_ = true;
  bool ended_ = false;  ///< the other end has said its last word: no further edge would tell of it
};

/// The set. One thread.
class readiness_set {
 public:
  /// Throws boost::system::system_error.
  explicit readiness_set(boost::asio::io_context& context);

  /// `owner` comes back from ready(); the set forgets the socket when it is closed.
  void add(const ready_socket& socket, void* owner, boost::system::error_code& error) noexcept;
  /// What has happened, until the next call: `data.ptr` is an owner, each once, `events` are for ready_socket::note().
  /// Does not wait.
  std::span<const epoll_event> ready() noexcept;

  using descriptor_type = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;
  /// For waiting: readable when ready() has something to tell.
  descriptor_type& descriptor() noexcept { return descriptor_; }

 private:
  static constexpr std::size_t max_events = 128;  ///< of one call; then others have their turn

  descriptor_type descriptor_;
  std::array<epoll_event, max_events> found_;
};

}  // namespace smsauth::http
