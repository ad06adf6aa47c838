// The PHC string of an Argon2id hash: $argon2id$v=19$m=19456,t=2,p=1$salt$tag (PHC string format; RFC 9106).
#pragma once

#include "crypto/password.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace smsauth::crypto {

struct phc_hash {
  argon2_parameters parameters;
  std::string salt;  ///< raw bytes
  std::string tag;   ///< raw bytes
};

// What a stored string may ask for. It bounds the work that a row of the database can cost.
inline constexpr std::uint32_t max_memory_kib = 256 * 1024;
inline constexpr std::uint32_t max_iterations = 10;
inline constexpr std::uint32_t max_parallelism = 4;
inline constexpr std::uint32_t min_memory_kib_per_lane = 8;  // RFC 9106 section 3.1
inline constexpr std::size_t min_salt_bytes = 8;
inline constexpr std::size_t max_salt_bytes = 48;
inline constexpr std::size_t min_tag_bytes = 16;
inline constexpr std::size_t max_tag_bytes = 64;

/// Whether the parameters are inside the bounds above.
bool is_acceptable(const argon2_parameters& parameters) noexcept;

std::string write_phc(const phc_hash& hash);

/// The one spelling that write_phc has, and nothing else: other algorithms and versions, other orders, leading zeros,
/// padding, numbers or lengths outside the bounds are nothing.
std::optional<phc_hash> parse_phc(std::string_view text);

}  // namespace smsauth::crypto
