#include "service/ids.hpp"

#include "crypto/random.hpp"

#include <cstdint>

namespace smsauth::service {

namespace {

constexpr std::size_t time_digits = 12;
constexpr std::size_t random_bytes = 10;

std::string time_prefix(core::epoch_ms at) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out(time_digits, '0');
  auto rest = static_cast<std::uint64_t>(at < 0 ? 0 : at);
  for (std::size_t i = time_digits; i > 0; --i, rest >>= 4U)
    out[i - 1] = digits[rest & 15U];
  return out;
}

}  // namespace

std::string time_ordered_id(core::epoch_ms now) {
  return time_prefix(now) + crypto::random_hex(random_bytes);
}

std::string id_floor(core::epoch_ms at) {
  return time_prefix(at) + std::string(2 * random_bytes, '0');
}

}  // namespace smsauth::service
