// Hashes and MACs that a provider's protocol names, MD5 and SHA-1 among them. For wire formats alone: what is our own
// to choose uses mac.hpp.
//
// HMAC-MD5 and HMAC-SHA-1 are not known to be forgeable (RFC 6151, RFC 6194); plain MD5 is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smsauth::crypto {

enum class digest_name : std::uint8_t { md5, sha1, sha256, sha512 };

/// The raw hash: 16, 20, 32 or 64 bytes. Throws std::runtime_error when OpenSSL fails or does not offer the hash.
std::string hash(digest_name name, std::string_view data);

/// The raw HMAC (RFC 2104), as long as the hash. An empty key is a bug: std::logic_error. Throws std::runtime_error
/// when OpenSSL fails or does not offer the hash.
std::string hmac(digest_name name, std::span<const std::byte> key, std::string_view data);
/// The same with a key that is text.
std::string hmac(digest_name name, std::string_view key, std::string_view data);

}  // namespace smsauth::crypto
