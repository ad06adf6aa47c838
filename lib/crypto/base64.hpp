// Base 64 (RFC 4648), strict: one value has exactly one spelling, so a token cannot be respelled (TOK-05).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smsauth::crypto {

/// Section 4: "+" and "/", padded with "=" to whole groups of four.
std::string base64(std::string_view bytes);
/// The bytes, or nothing: wrong length, missing or misplaced padding, any other character, or bits left over that are
/// not zero (section 3.5).
std::optional<std::string> from_base64(std::string_view text);

/// Section 4 without padding: the form of PHC strings.
std::string base64_unpadded(std::string_view bytes);
/// As from_base64, but any padding is refused.
std::optional<std::string> from_base64_unpadded(std::string_view text);

/// Section 5 ("-" and "_") without padding: the form of JOSE (RFC 7515 section 2).
std::string base64url(std::string_view bytes);
/// As from_base64_unpadded, in the URL alphabet.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace smsauth::crypto
