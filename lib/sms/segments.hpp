// How many messages on air a text costs, and the parts themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::sms {

enum class sms_encoding : std::uint8_t { gsm7, ucs2 };

/// One message on air has 140 octets; a part of several gives 6 of them to the header that joins the parts.
inline constexpr std::size_t gsm7_single_septets = 160;
inline constexpr std::size_t gsm7_part_septets = 153;
inline constexpr std::size_t ucs2_single_units = 70;
inline constexpr std::size_t ucs2_part_units = 67;
/// The header counts parts in one octet. A text with more cannot be sent; whoever sends parts checks.
inline constexpr std::size_t max_parts = 255;

struct segment_count {
  sms_encoding encoding;
  std::size_t units;  ///< septets (an extension character takes two), or UTF-16 units
  std::size_t parts;  ///< at least 1, also for an empty text
};

/// GSM 7-bit when every character is in that alphabet, else UCS-2. Ill-formed UTF-8 counts as U+FFFD.
segment_count count_segments(std::string_view utf8);

/// The octets of each part, without any header: unpacked septets (one in each octet), or UTF-16 in big-endian order. As
/// many as count_segments says. A part never ends between an escape and its septet, nor within a surrogate pair.
/// Throws std::invalid_argument for gsm7 when a character is not in that alphabet.
std::vector<std::string> split_segments(std::string_view utf8, sms_encoding encoding);

}  // namespace smsauth::sms
