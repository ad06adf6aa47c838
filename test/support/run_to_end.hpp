// Runs one coroutine of an I/O thread to its end, on this thread.
#pragma once

#include "support/event_loop.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace smsauth::test {

/// What the coroutine returns or throws. Throws std::logic_error when it waits for something that never comes.
template <class T>
T run_to_end(boost::asio::awaitable<T, boost::asio::io_context::executor_type> coroutine) {
  event_loop loop;
  std::exception_ptr error;
  std::optional<T> value;
  boost::asio::co_spawn(loop.context(), std::move(coroutine), [&](std::exception_ptr thrown, T returned) {
    error = thrown;
    value = std::move(returned);
  });
  loop.context().run();
  if (error) std::rethrow_exception(error);
  if (!value) throw std::logic_error("the coroutine did not end");
  return std::move(*value);
}

}  // namespace smsauth::test
