// Many calls at once, on several I/O threads, released together.
#pragma once

#include "runtime/awaitable.hpp"
#include "support/run_to_end.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace smsauth::test {

inline constexpr std::size_t io_threads = 4;

/// Throws what a call threw; std::logic_error when one did not end.
void run_together(std::vector<runtime::awaitable<void>> calls);

/// What each call returned, in the order of `calls`. Throws as above.
template <class T>
std::vector<T> run_together(std::vector<runtime::awaitable<T>> calls) {
  std::vector<std::optional<T>> values(calls.size());
  std::vector<runtime::awaitable<void>> storing;
  for (std::size_t i = 0; i < calls.size(); ++i)
    storing.push_back(into(values[i], std::move(calls[i])));
  run_together(std::move(storing));
  std::vector<T> all;
  for (std::optional<T>& value : values)
    all.push_back(std::move(*value));
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
