#include "crypto/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace smsauth::crypto {

namespace {

constexpr std::string_view standard_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t not_a_digit = 0xff;

using reverse_table = std::array<std::uint8_t, 256>;

constexpr reverse_table reversed(std::string_view digits) {
  reverse_table table{};
  table.fill(not_a_digit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr reverse_table standard_values = reversed(standard_digits);
constexpr reverse_table url_values = reversed(url_digits);

std::string encoded(std::string_view bytes, std::string_view digits) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;  // bits waiting, fewer than 6 after each byte's digits are written
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6)
      text += digits[bits >> (count - 6) & 0x3f];
  }
  if (count > 0) text += digits[bits << (6 - count) & 0x3f];
  return text;
}

std::optional<std::string> decoded(std::string_view text, const reverse_table& values) {
  if (text.size() % 4 == 1) return std::nullopt;  // 6 bits are no byte
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::uint8_t value = values[static_cast<unsigned char>(c)];
    if (value == not_a_digit) return std::nullopt;
    bits = bits << 6 | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xff);
    }
  }
  const std::uint32_t left_over = bits & ((1U << count) - 1);
  if (left_over != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text = encoded(bytes, standard_digits);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
    text.remove_suffix(1);
  return decoded(text, standard_values);
}

std::string base64_unpadded(std::string_view bytes) {
  return encoded(bytes, standard_digits);
}

std::optional<std::string> from_base64_unpadded(std::string_view text) {
  return decoded(text, standard_values);
}

std::string base64url(std::string_view bytes) {
  return encoded(bytes, url_digits);
}

std::optional<std::string> from_base64url(std::string_view text) {
  return decoded(text, url_values);
}

}  // namespace smsauth::crypto
