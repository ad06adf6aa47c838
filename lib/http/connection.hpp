// One client's connection: a coroutine on the I/O thread that accepted it, from accept to close.
//
// No timer of its own: the listener's sweep looks at the phase and its age a few times a second (a timer per operation
// costs 0.8 us, measured). An idle connection holds no buffer: it waits until there is something to read and takes a
// conversation then.
#pragma once

#include "http/conversation.hpp"
#include "http/ready_socket.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace smsauth::http {

class listener;

class connection {
 public:
  using executor_type = boost::asio::io_context::executor_type;
  /// What resumes the coroutine. Destroying it destroys the coroutine instead.
  using resumption = boost::asio::async_result<boost::asio::use_awaitable_t<executor_type>, void()>::handler_type;

  connection(std::shared_ptr<listener> owner, ready_socket socket, const peer& who);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Serves until the connection ends.
  static awaitable<void> run(std::unique_ptr<connection> self);

  /// Tells the set of sockets about this one.
  void watch(readiness_set& sockets, boost::system::error_code& error) noexcept { sockets.add(socket_, this, error); }
  /// Something has happened at the socket: resumes the coroutine if it waits for that, and may be gone afterwards.
  void ready(std::uint32_t events);

  /// Ends what has taken too long. The connection may be gone afterwards; so after close().
  void sweep(edge::clock::time_point now);
  void close();
  /// For the end of the io_context: what the coroutine hangs on, if it waits for the socket.
  std::optional<resumption> abandon() noexcept;

 private:
  /// What the connection waits for, which decides how long it may take.
  enum class phase : std::uint8_t { idle, header, body, serving, write, linger };

  enum class wait : std::uint8_t { readable, writable };

  awaitable<void> until(wait what);
  void resume();
  void enter(phase next, edge::clock::time_point now) noexcept;
  void enter_reading(edge::clock::time_point now) noexcept;
  bool read_waiting();
  bool received(std::size_t count, const boost::system::error_code& error);
  bool send_some();
  void begin_linger(edge::clock::time_point now) noexcept;
  bool drop_input() noexcept;
  void give_up_handler();

  std::shared_ptr<listener> owner_;
  ready_socket socket_;
  peer peer_;
  std::optional<resumption> waiting_;  ///< for the socket
  wait waits_for_ = wait::readable;
  std::unique_ptr<conversation> talk_;  ///< null while idle
  edge::clock::time_point since_;       ///< of the phase
  edge::clock::time_point idle_since_;  ///< when a request was last behind us
  std::size_t dropped_ = 0;             ///< octets that came while lingering
  phase phase_ = phase::idle;
  bool release_ = false;    ///< the sweep wants the buffers back
  bool expired_ = false;    ///< the sweep cancelled a wait
  bool abandoned_ = false;  ///< the sweep answered for the handler, which may still be running
  bool broken_ = false;     ///< the socket is of no use any more

 public:
  /// Declared last, so destroyed first: the list it leaves belongs to owner_.
  boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> hook;
};

using connection_list = boost::intrusive::list<
    connection,
    boost::intrusive::member_hook<
        connection, boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>,
        &connection::hook>,
    boost::intrusive::constant_time_size<false>>;

}  // namespace smsauth::http
