// The I/O threads and their event loops: one single-threaded io_context each, so that a connection needs no strand.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace smsauth::runtime {

/// Declare it before everything that runs on it: suspended coroutines die with the contexts, and must do so after every
/// job they wait for has ended (pitfall D16).
class io_threads {
 public:
  /// `name` as it stands in ps and top; 15 bytes at most.
  explicit io_threads(std::size_t count, const char* name = "smsauthd-io");
  ~io_threads();
  io_threads(const io_threads&) = delete;
  io_threads& operator=(const io_threads&) = delete;

  void start();
  /// Stops the loops and waits for the threads. Safe to call twice. What was posted and not run stays until
  /// destruction.
  void join();

  boost::asio::io_context& first() const { return *contexts_.front(); }
  std::vector<boost::asio::io_context*> all() const;

 private:
  const char* const name_;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards_;
  std::vector<std::jthread> threads_;
};

}  // namespace smsauth::runtime
