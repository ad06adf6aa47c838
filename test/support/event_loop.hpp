// Event loops that outlive every worker of the process.
//
// A lane's thread wakes the loop after it unlocked it (asio::detail::posix_event): the loop may have run dry, and its
// owner gone on, while that thread is still inside post(). The server ends its lanes before its loops; a test that
// waits for one coroutine keeps its lanes, so the loop has to stay.
#pragma once

#include <boost/asio/io_context.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace smsauth::test {

/// A loop for one owner at a time, used again by the next one, destroyed by nobody.
class event_loop {
 public:
  event_loop() {
    const std::scoped_lock lock(mutex());
    if (spare().empty()) {
      context_ = std::make_unique<boost::asio::io_context>(1);
    } else {
      context_ = std::move(spare().back());
      spare().pop_back();
      context_->restart();
    }
  }
  ~event_loop() {
    const std::scoped_lock lock(mutex());
    spare().push_back(std::move(context_));
  }
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  boost::asio::io_context& context() noexcept { return *context_; }

 private:
  static std::mutex& mutex() {
    static auto* const one = new std::mutex;
    return *one;
  }
  static std::vector<std::unique_ptr<boost::asio::io_context>>& spare() {
    static auto* const all = new std::vector<std::unique_ptr<boost::asio::io_context>>;
    return *all;
  }

  std::unique_ptr<boost::asio::io_context> context_;
};

}  // namespace smsauth::test
