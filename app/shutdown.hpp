// Signals: the first SIGTERM or SIGINT asks for a clean stop, the second ends the process at once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace smsauth::app {

class shutdown_signals {
 public:
  /// `on_first` is called on the thread of `where`. SIGPIPE is ignored from here on: a closed peer is an error code.
  shutdown_signals(boost::asio::io_context& where, std::function<void()> on_first);

 private:
  void wait();

  boost::asio::signal_set signals_;
  std::function<void()> on_first_;
  int seen_ = 0;
};

}  // namespace smsauth::app
