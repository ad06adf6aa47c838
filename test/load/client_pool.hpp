// Many keep-alive HTTP/1.1 connections to one local server on one thread: epoll, raw bytes, replies only framed. It
// spends as little as it can on a request, because on a small machine it shares the core with the server it measures.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::load {

using clock = std::chrono::steady_clock;

struct reply {
  int status = 0;
  bool has_retry_after = false;  ///< looked for in 503 only
  clock::duration taken{};       ///< since the request was asked
};

/// What a run does with replies; it asks for the next request.
class reply_handler {
 public:
  virtual ~reply_handler() = default;
  virtual void replied(std::size_t connection, const reply& what) = 0;
  /// The server closed; the connection was opened again, and `unanswered` requests are lost.
  virtual void lost(std::size_t connection, std::size_t unanswered) = 0;
};

class client_pool {
 public:
  /// Connects all. Throws std::system_error.
  client_pool(std::uint16_t port, std::size_t connections, reply_handler& handler);
  ~client_pool();
  client_pool(const client_pool&) = delete;
  client_pool& operator=(const client_pool&) = delete;

  /// Queues a request; poll() sends all that wait on a connection together.
  void ask(std::size_t connection, std::string_view request, clock::time_point asked = clock::now());
  /// Sends what is queued and takes what has come; waits at most so long for it.
  void poll(std::chrono::microseconds wait);

  std::size_t size() const noexcept { return clients_.size(); }
  std::size_t unanswered() const noexcept { return unanswered_; }

 private:
  struct client {
    int socket = -1;
    bool queued = false;   ///< in to_send_
    bool blocked = false;  ///< the socket took no more: epoll tells when it does
    std::string output;
    std::string input;  ///< the begin of a reply whose rest has not come
    std::deque<clock::time_point> asked;
  };

  void open(std::size_t connection);
  void reopen(std::size_t connection);
  void flush(std::size_t connection);
  void read_replies(std::size_t connection);
  std::size_t take_replies(std::size_t connection, std::string_view bytes);
  void watch(std::size_t connection, bool for_output, int operation);

  std::uint16_t port_;
  reply_handler& handler_;
  int epoll_;
  std::vector<client> clients_;
  std::vector<std::size_t> to_send_;
  std::vector<std::size_t> sending_;
  std::size_t unanswered_ = 0;
};

/// Lets this process open as many files as the system permits.
void raise_file_limit() noexcept;

}  // namespace smsauth::load
