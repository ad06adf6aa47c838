#include "crypto/random.hpp"

#include "crypto/hex.hpp"
#include "crypto/random_pool.hpp"

#include <openssl/crypto.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <sys/random.h>
#include <vector>

namespace smsauth::crypto {

namespace {

void fill_from_kernel(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got > 0) {
      out = out.subspan(static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      throw random_unavailable();
    }
  }
}

thread_local random_pool pool(&fill_from_kernel);

}  // namespace

void random_bytes(std::span<std::byte> out) {
  pool.take(out);
}

std::string random_hex(std::size_t bytes) {
  std::vector<std::byte> raw(bytes);
  random_bytes(raw);
  std::string text = to_hex(raw);
  OPENSSL_cleanse(raw.data(), raw.size());
  return text;
}

std::string random_alphanumeric(std::size_t length) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t fair_limit =
      256 / alphabet.size() * alphabet.size();  // bytes from here on favour the first few
  std::array<std::byte, 1> raw{};
  std::string text;
  text.reserve(length);
  while (text.size() < length) {
    random_bytes(raw);
    const auto value = std::to_integer<std::size_t>(raw[0]);
    if (value < fair_limit) text += alphabet[value % alphabet.size()];
  }
  return text;
}

std::optional<std::uint32_t> code_from_random(std::uint32_t raw) noexcept {
  constexpr std::uint32_t codes = largest_code - smallest_code + 1;
  constexpr auto fair_limit = static_cast<std::uint32_t>((std::uint64_t{1} << 32) / codes * codes);
  if (raw >= fair_limit) return std::nullopt;
  return smallest_code + raw % codes;
}

std::string random_code() {
  for (;;) {
    std::array<std::byte, sizeof(std::uint32_t)> raw{};
    random_bytes(raw);
    std::uint32_t number = 0;
    for (const std::byte b : raw)
      number = number << 8 | std::to_integer<std::uint32_t>(b);
    if (const auto code = code_from_random(number)) return std::to_string(*code);
  }
}

}  // namespace smsauth::crypto
