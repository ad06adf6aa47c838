// Latencies of a run, counted in buckets that are 1/64 apart, so that a percentile is off by less than 2 %.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace smsauth::load {

class latencies {
 public:
  void add(std::chrono::steady_clock::duration taken) noexcept {
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(taken).count();
    ++buckets_[bucket_of(microseconds < 0 ? 0 : static_cast<std::uint64_t>(microseconds))];
    ++count_;
  }

  std::uint64_t count() const noexcept { return count_; }

  /// In microseconds; 0 when nothing was counted.
  std::uint64_t percentile(double percent) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(static_cast<double>(count_) * percent / 100.0);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > wanted || (seen == count_ && count_ != 0)) return least_of(i);
    }
    return 0;
  }

 private:
  static constexpr std::size_t parts_bits = 6;
  static constexpr std::size_t parts = std::size_t{1} << parts_bits;  // of each power of two
  static constexpr std::size_t powers = 30;                           // up to 2^35 us

  static std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value < parts) return static_cast<std::size_t>(value);
    const auto power = static_cast<std::size_t>(std::bit_width(value)) - parts_bits - 1;
    const auto part = static_cast<std::size_t>(value >> power) - parts;
    const std::size_t bucket = (power + 1) * parts + part;
    return bucket < parts * powers ? bucket : parts * powers - 1;
  }

  static std::uint64_t least_of(std::size_t bucket) noexcept {
    if (bucket < parts) return bucket;
    return (parts + bucket % parts) << (bucket / parts - 1);
  }

  std::array<std::uint64_t, parts * powers> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace smsauth::load
