// Runs one coroutine of an I/O thread to its end, on this thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <utility>

namespace smsauth::test {

template <class T>
using io_awaitable = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

/// Throws what the coroutine throws; std::logic_error when it waits for something that never comes.
void run_to_end(io_awaitable<void> coroutine);

/// Results leave by a reference, as spawning instantiates hundreds of functions of Asio for each type of result.
template <class T>
io_awaitable<void> into(std::optional<T>& to, io_awaitable<T> coroutine) {
  T value = co_await std::move(coroutine);
  to.emplace(std::move(value));
}

/// What the coroutine returns. Throws as above.
template <class T>
T run_to_end(io_awaitable<T> coroutine) {
  std::optional<T> value;
  run_to_end(into(value, std::move(coroutine)));
  return std::move(*value);
}

}  // namespace smsauth::test
