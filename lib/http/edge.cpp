#include "http/edge.hpp"

#include <random>

namespace smsauth::http {

namespace {

constexpr std::size_t id_digits = 16;

/// splitmix64 (public domain, Steele, Lea and Flood 2014): a bijection, so different counts stay different.
std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

}  // namespace

request_ids::request_ids() {
  std::random_device source;
  base_ = (std::uint64_t{source()} << 32U) | source();
}

void request_ids::next(std::string& out) {
  std::uint64_t value = mixed(base_ + count_++);
  out.resize(id_digits);
  for (char& digit : out) {
    digit = "0123456789abcdef"[value >> 60U];
    value <<= 4U;
  }
}

}  // namespace smsauth::http
