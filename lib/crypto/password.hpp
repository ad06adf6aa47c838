// Password hashing: Argon2id (RFC 9106), stored as PHC strings.
//
// Every function but needs_rehash takes tens of milliseconds and parameters.memory_kib of memory: call it on the hash
// lane only. The computing is libsodium's where that is possible (one lane, 16-byte salt), because Debian builds
// libargon2 without vector instructions: libsodium is about twice as fast. Their results are the same.
//
// Passwords are bytes exactly as received: not truncated, not trimmed, not normalised (ASVS 6.2.8), and a NUL is a byte
// like any other. Counting code points and lists of bad passwords are the service's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smsauth::crypto {

struct argon2_parameters {
  std::uint32_t memory_kib = 19456;  ///< 8 per lane … 256 MiB
  std::uint32_t iterations = 2;      ///< 1 … 10
  std::uint32_t parallelism = 1;     ///< lanes, 1 … 4

  friend bool operator==(const argon2_parameters&, const argon2_parameters&) = default;
};

/// Far above any request body; a longer password is a bug of the caller.
inline constexpr std::size_t max_password_bytes = 64 * 1024;

/// "$argon2id$v=19$m=…,t=…,p=…$salt$tag" with 16 random bytes of salt and a 32-byte tag.
/// Throws std::invalid_argument for parameters outside the ranges above or a password above max_password_bytes,
/// std::bad_alloc when the memory is not to be had, random_unavailable.
std::string hash_password(std::string_view password, const argon2_parameters& parameters);

/// Whether the password belongs to the hash. False for a malformed string, for another algorithm and for parameters
/// outside the ranges above, at once: such a row costs nothing. Throws std::bad_alloc.
bool verify_password(std::string_view password, std::string_view phc);

/// Whether the string should be replaced at the next good login: other parameters, lengths or malformed (PWD-03).
bool needs_rehash(std::string_view phc, const argon2_parameters& parameters);

/// Costs what verify_password costs for a hash of these parameters, and answers nothing: for accounts that do not exist
/// (PWD-05). Throws as hash_password.
void burn_password_time(std::string_view password, const argon2_parameters& parameters);

}  // namespace smsauth::crypto
