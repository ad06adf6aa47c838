// A reserve of random bytes: each is handed out once and wiped in the reserve as it goes.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace smsauth::crypto {

/// Fills the span completely or throws.
using random_source = void (*)(std::span<std::byte>);

/// Not for sharing between threads.
class random_pool {
 public:
  /// getrandom returns up to 256 bytes whole: never short, never interrupted by a signal (getrandom(2)).
  static constexpr std::size_t pool_bytes = 256;

  explicit random_pool(random_source source) noexcept : source_(source) {}
  ~random_pool();

  random_pool(const random_pool&) = delete;
  random_pool& operator=(const random_pool&) = delete;

  /// Requests of more than half the pool go to the source directly. Throws what the source throws; `out` must not be
  /// used then.
  void take(std::span<std::byte> out);

  /// For tests: what is left, and the zeros where bytes have been.
  std::span<const std::byte> contents() const noexcept { return bytes_; }

 private:
  random_source source_;
  std::array<std::byte, pool_bytes> bytes_{};
  std::size_t used_ = pool_bytes;
};

}  // namespace smsauth::crypto
