// Authenticated encryption at rest: AES-256-GCM (NIST SP 800-38D).
//
// Used for the text of unsent messages, signing keys and other secrets that a database must hold. A sealed text opens
// only under the same key and the same associated data (a row's table and id, say), so rows cannot be exchanged.
//
// The nonce is 96 random bits, so one key may seal at most 2^32 texts (SP 800-38D section 8.3): 13 years at ten a
// second, 50 days at a thousand. Where that could be reached, use master_key::derive(label, day).
#pragma once

#include "crypto/secret.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::crypto {

inline constexpr std::size_t max_sealed_text_bytes = 1024 * 1024;

/// Lower-case hex of nonce (12 bytes) | ciphertext (as long as `plain`) | tag (16 bytes).
/// Throws std::length_error above max_sealed_text_bytes (of either text), std::runtime_error when OpenSSL fails,
/// random_unavailable.
std::string seal(const sub_key& key, std::string_view plain, std::string_view associated);

/// The plain text, or nothing: not canonical hex, too short or long, changed anywhere, other key or associated data.
/// Throws std::runtime_error only when OpenSSL itself fails.
std::optional<std::string> open(const sub_key& key, std::string_view sealed_hex, std::string_view associated);

}  // namespace smsauth::crypto
