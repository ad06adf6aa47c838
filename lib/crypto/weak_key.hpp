// Keys that an attacker would try first (TOK-02, RFC 8725 section 3.5).
#pragma once

#include <cstddef>
#include <span>

namespace smsauth::crypto {

/// True for keys that nobody drew at random:
///  - fewer than 32 bytes;
///  - counting with any step (all equal, 00 01 02 …, ff fe …) or repeating with a period of at most half the key;
///  - eight equal bytes in a row, or fewer than 16 different values in the first 32 bytes: something short with
///  padding;
///  - text: every byte printable ASCII or white space;
///  - the SHA-256 of a well-known secret, of "" and "secret" first;
///  - keys printed in standards and manuals.
/// A random key is refused with a probability below 10^-12.
bool is_guessable(std::span<const std::byte> key);

}  // namespace smsauth::crypto
