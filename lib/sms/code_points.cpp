#include "sms/code_points.hpp"

#include <cstddef>

namespace smsauth::sms {

namespace {

constexpr char32_t replacement = 0xFFFD;

struct lead {
  std::size_t length = 0;  ///< bytes of the sequence; 0 = no lead byte
  char32_t bits = 0;
  char32_t least = 0;  ///< a smaller code point would be an overlong form
};

lead read_lead(unsigned char byte) noexcept {
  if (byte < 0x80) return {1, byte, 0};
  if ((byte & 0xE0) == 0xC0) return {2, byte & 0x1FU, 0x80};
  if ((byte & 0xF0) == 0xE0) return {3, byte & 0x0FU, 0x800};
  if ((byte & 0xF8) == 0xF0) return {4, byte & 0x07U, 0x10000};
  return {};
}

/// Takes one code point off the front of `utf8`, which is not empty.
char32_t take(std::string_view& utf8) noexcept {
  const lead first = read_lead(static_cast<unsigned char>(utf8.front()));
  char32_t value = first.bits;
  bool good = first.length != 0 && first.length <= utf8.size();
  for (std::size_t i = 1; good && i < first.length; ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    good = (byte & 0xC0) == 0x80;
    value = (value << 6) | (byte & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (!good || value < first.least || value > 0x10FFFF || surrogate) {
    utf8.remove_prefix(1);
    return replacement;
  }
  utf8.remove_prefix(first.length);
  return value;
}

}  // namespace

std::u32string code_points(std::string_view utf8) {
  std::u32string all;
  all.reserve(utf8.size());
  while (!utf8.empty())
    all += take(utf8);
  return all;
}

}  // namespace smsauth::sms
