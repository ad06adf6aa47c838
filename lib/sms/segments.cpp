#include "sms/segments.hpp"

#include "sms/code_points.hpp"
#include "sms/gsm7.hpp"

#include <stdexcept>

namespace smsauth::sms {

namespace {

constexpr std::size_t octets_per_unit = 2;  // of UTF-16
constexpr std::size_t ucs2_single_octets = ucs2_single_units * octets_per_unit;
constexpr std::size_t ucs2_part_octets = ucs2_part_units * octets_per_unit;

void append_unit(std::string& out, char32_t unit) {
  out += static_cast<char>(unit >> 8 & 0xFF);
  out += static_cast<char>(unit & 0xFF);
}

std::string utf16_of(char32_t character) {
  std::string out;
  if (character < 0x10000) {
    append_unit(out, character);
    return out;
  }
  const char32_t rest = character - 0x10000;
  append_unit(out, 0xD800 + (rest >> 10));
  append_unit(out, 0xDC00 + (rest & 0x3FF));
  return out;
}

std::string octets_of(char32_t character, sms_encoding encoding) {
  if (encoding == sms_encoding::ucs2) return utf16_of(character);
  const gsm7_septets one = gsm7_of(character);
  if (one.length == 0) throw std::invalid_argument("text outside the GSM 7-bit alphabet");
  return std::string(one.view());
}

std::size_t total(const std::vector<std::string>& parts) {
  std::size_t octets = 0;
  for (const std::string& part : parts)
    octets += part.size();
  return octets;
}

}  // namespace

std::vector<std::string> split_segments(std::string_view utf8, sms_encoding encoding) {
  const bool gsm7 = encoding == sms_encoding::gsm7;
  const std::size_t part_octets = gsm7 ? gsm7_part_septets : ucs2_part_octets;
  std::vector<std::string> parts(1);
  for (const char32_t character : code_points(utf8)) {
    const std::string octets = octets_of(character, encoding);
    if (parts.back().size() + octets.size() > part_octets) parts.emplace_back();
    parts.back() += octets;
  }
  // Two parts may still fit into one message, which needs no joining header.
  const std::size_t octets = total(parts);
  if (parts.size() > 1 && octets <= (gsm7 ? gsm7_single_septets : ucs2_single_octets)) {
    std::string whole = parts[0];
    for (std::size_t i = 1; i < parts.size(); ++i)
      whole += parts[i];
    return {std::move(whole)};
  }
  return parts;
}

segment_count count_segments(std::string_view utf8) {
  const sms_encoding encoding = is_gsm7(utf8) ? sms_encoding::gsm7 : sms_encoding::ucs2;
  const std::vector<std::string> parts = split_segments(utf8, encoding);
  const std::size_t octets = total(parts);
  return {encoding, encoding == sms_encoding::gsm7 ? octets : octets / octets_per_unit, parts.size()};
}

}  // namespace smsauth::sms
