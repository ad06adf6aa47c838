// Base 16 (RFC 4648 section 8), written in lower case.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace smsauth::crypto {

/// What from_hex takes. Lower case only makes the text canonical: one value, one spelling.
enum class hex_letters { lower, any };

std::string to_hex(std::span<const std::byte> bytes);
std::string to_hex(std::string_view bytes);

/// The bytes, or nothing for an odd length or any other character.
std::optional<std::string> from_hex(std::string_view text, hex_letters letters = hex_letters::lower);

}  // namespace smsauth::crypto
