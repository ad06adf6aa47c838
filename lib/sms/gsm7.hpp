// The 7-bit alphabet of SMS: GSM 03.38 (3GPP TS 23.038), basic table and its extension.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::sms {

/// Stands before a septet of the extension table; the two are one character and never parted.
inline constexpr char gsm7_escape = 0x1B;

/// The septets of one character: one, or two of which the first is gsm7_escape; length 0 = not in the alphabet.
struct gsm7_septets {
  char octets[2] = {0, 0};
  std::size_t length = 0;
  std::string_view view() const noexcept { return {octets, length}; }
};
gsm7_septets gsm7_of(char32_t character) noexcept;

/// Every character is in the basic or the extension table. Lower-case ç, the backtick and Chinese brackets are not.
bool is_gsm7(std::string_view utf8);

/// Unpacked: one septet in each octet, as SMPP wants it. Nothing when a character is not in the alphabet.
std::optional<std::string> encode_gsm7(std::string_view utf8);

}  // namespace smsauth::sms
