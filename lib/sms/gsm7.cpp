#include "sms/gsm7.hpp"

#include "sms/code_points.hpp"

#include <algorithm>
#include <utility>

namespace smsauth::sms {

namespace {

// Row by row of 16; the place is the septet. 0x1B is the escape and no character: NUL stands there, which is never
// looked up.
using namespace std::string_view_literals;  // the table holds a NUL
constexpr std::u32string_view basic =
    U"@£$¥èéùìòÇ\nØø\rÅå"
    U"Δ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ"
    U" !\"#¤%&'()*+,-./"
    U"0123456789:;<=>?"
    U"¡ABCDEFGHIJKLMNO"
    U"PQRSTUVWXYZÄÖÑÜ§"
    U"¿abcdefghijklmno"
    U"pqrstuvwxyzäöñüà"sv;
static_assert(basic.size() == 128);

constexpr std::pair<char32_t, char> extension[] = {
    {U'\f', 0x0A}, {U'^', 0x14}, {U'{', 0x28}, {U'}', 0x29}, {U'\\', 0x2F},
    {U'[', 0x3C},  {U'~', 0x3D}, {U']', 0x3E}, {U'|', 0x40}, {U'€', 0x65},
};

}  // namespace

gsm7_septets gsm7_of(char32_t character) noexcept {
  if (character == 0) return {};
  if (const std::size_t place = basic.find(character); place != std::u32string_view::npos)
    return {{static_cast<char>(place), 0}, 1};
  const auto* const found = std::find_if(std::begin(extension), std::end(extension),
                                         [&](const auto& entry) { return entry.first == character; });
  if (found == std::end(extension)) return {};
  return {{gsm7_escape, found->second}, 2};
}

bool is_gsm7(std::string_view utf8) {
  return encode_gsm7(utf8).has_value();
}

std::optional<std::string> encode_gsm7(std::string_view utf8) {
  std::string septets;
  septets.reserve(utf8.size());
  for (const char32_t character : code_points(utf8)) {
    const gsm7_septets one = gsm7_of(character);
    if (one.length == 0) return std::nullopt;
    septets += one.view();
  }
  return septets;
}

}  // namespace smsauth::sms
