// Many calls at once, on several I/O threads, released together.
#pragma once

#include "runtime/awaitable.hpp"
#include "support/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <latch>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace smsauth::test {

inline constexpr std::size_t io_threads = 4;

/// What each call returned, in the order of `calls`. Throws what a call threw.
template <class T>
std::vector<T> run_together(std::vector<runtime::awaitable<T>> calls) {
  std::vector<std::optional<T>> values(calls.size());
  std::vector<std::exception_ptr> errors(calls.size());
  std::array<event_loop, io_threads> loops;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    boost::asio::co_spawn(loops[i % io_threads].context(), std::move(calls[i]),
                          [&values, &errors, i](std::exception_ptr error, T value) {
                            errors[i] = error;
                            values[i].emplace(std::move(value));
                          });
  }
  {
    std::latch start(static_cast<std::ptrdiff_t>(io_threads));
    std::vector<std::jthread> threads;
    for (event_loop& loop : loops) {
      threads.emplace_back([&start, &loop] {
        start.arrive_and_wait();
        loop.context().run();
      });
    }
  }
  std::vector<T> all;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (errors[i]) std::rethrow_exception(errors[i]);
    if (!values[i]) throw std::logic_error("a call did not end");
    all.push_back(std::move(*values[i]));
  }
  return all;
}

/// Rounds of a race: fewer where a sanitizer makes each ten times as long.
constexpr int rounds(int usual) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return usual / 10 > 2 ? usual / 10 : 2;
#else
  return usual;
#endif
}

}  // namespace smsauth::test
