// Codes that a provider sends, made safe to store and to log.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smsauth::sms {

/// Letters, digits and "._:-" of `text`, at most 64 of them; any other byte ends it. A provider's own text never passes
/// whole: it may hold the number and the code (rule 0.3 of the gateways).
inline std::string wire_code(std::string_view text) {
  constexpr std::size_t longest = 64;
  std::string safe;
  for (const char c : text.substr(0, longest)) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                      c == '_' || c == ':' || c == '-';
    if (!fine) break;
    safe += c;
  }
  return safe;
}

}  // namespace smsauth::sms
