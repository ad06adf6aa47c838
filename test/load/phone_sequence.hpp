// Mainland numbers that were never used before in a run, in an order that looks random to an index, as real ones do.
#pragma once

#include <cstdint>

namespace smsauth::load {

/// The `position`-th of a thousand million different numbers 13000000000..13999999999.
constexpr std::uint64_t phone_at(std::uint64_t position) noexcept {
  constexpr std::uint64_t first = 13'000'000'000;
  constexpr std::uint64_t numbers = 1'000'000'000;
  constexpr std::uint64_t step = 387'420'489;  // 3^18: without a common factor with `numbers`
  return first + position % numbers * step % numbers;
}

}  // namespace smsauth::load
