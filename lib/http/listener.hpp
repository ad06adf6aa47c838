// One I/O thread's share of a server: its acceptor, its connections and the sweep over them.
//
// Connections and coroutines hold it by shared_ptr, so it outlives the server object until the io_context has destroyed
// their frames. Everything here runs on the io_context's thread but for what says otherwise.
#pragma once

#include "http/connection.hpp"
#include "http/conversation.hpp"
#include "http/edge.hpp"
#include "http/ready_socket.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace smsauth::http {

/// Counted over all I/O threads. Any thread.
class connection_census {
 public:
  std::atomic<std::size_t> connections{0};

  /// False when `key` (client_address::limit_key) has `limit` connections already. Balanced by leave().
  bool enter(const std::string& key, std::size_t limit);
  void leave(const std::string& key);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> by_address_;
};

class listener : public std::enable_shared_from_this<listener> {
 public:
  using acceptor_type =
      boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  /// Binds. `share_port`: other listeners of this server bind the same endpoint. Throws boost::system::system_error.
  listener(boost::asio::io_context& context, const server_settings& settings, const router& routes,
           std::shared_ptr<connection_census> census, bool share_port);

  boost::asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  std::size_t handlers() const noexcept { return handlers_.load(std::memory_order_relaxed); }  ///< any thread

  void start();  ///< any thread
  void drain();
  void abort();

  // For connections.
  edge& shared() noexcept { return edge_; }
  std::unique_ptr<conversation> take(const peer& who);
  void release(std::unique_ptr<conversation> talk);
  void connection_began(connection& c);
  void connection_ended(const client_address& client);
  void wake_acceptor();
  connection::executor_type executor() noexcept { return context_.get_executor(); }
  void handler_began() noexcept { handlers_.store(handlers() + 1, std::memory_order_relaxed); }
  void handler_ended() noexcept { handlers_.store(handlers() - 1, std::memory_order_relaxed); }

 private:
  using timer_type =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;

  static awaitable<void> accept_all(std::shared_ptr<listener> self);
  static awaitable<void> sweep_often(std::shared_ptr<listener> self);
  static awaitable<void> resume_ready(std::shared_ptr<listener> self);
  void sweep();
  template <class Use>
  void for_each_connection(Use use);
  bool full() const noexcept;
  void admit(ready_socket socket, const boost::asio::ip::tcp::endpoint& from);
  boost::system::error_code accept_waiting(std::size_t at_most);
  void abandon_connections();
  void report_accept_error(const boost::system::error_code& error);

  boost::asio::io_context& context_;
  edge edge_;
  std::shared_ptr<connection_census> census_;
  acceptor_type acceptor_;
  readiness_set sockets_;
  timer_type accept_pause_;
  timer_type sweep_timer_;
  connection_list connections_;
  std::vector<std::unique_ptr<conversation>> spare_;  ///< of idle connections, warm
  std::atomic<std::size_t> handlers_{0};              ///< written by one thread, so no locked instruction
  edge::clock::time_point last_report_;
};

}  // namespace smsauth::http
