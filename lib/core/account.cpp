#include "core/account.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

namespace smsauth::core {

namespace {

// Invite codes: 40 bits = 8 characters of 5 bits. A permutation of all 40-bit numbers, so no two uids share a code; it
// hides the order of accounts from the eye, it is no secret (a code grants nothing).
constexpr int code_bits = 40;
constexpr std::uint64_t code_numbers = std::uint64_t{1} << code_bits;
constexpr int half_bits = code_bits / 2;
constexpr std::uint32_t half_mask = (std::uint32_t{1} << half_bits) - 1;
constexpr std::size_t code_length = 8;
constexpr int bits_per_character = 5;
constexpr std::string_view code_alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";  // without I, O, 0, 1: they are misread
static_assert(code_alphabet.size() == 1U << bits_per_character);
static_assert(code_length * bits_per_character == code_bits);

// First digits of the fraction of pi. Changing one changes every invite code ever shown.
constexpr std::array<std::uint32_t, 4> round_constants{0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344};

// User names: 31-bit uids in 6 digits of base 36 (36^6 > 2^31), the others below 2^40 in 8 (36^8 > 2^40).
constexpr std::uint64_t short_name_numbers = std::uint64_t{1} << 31;
constexpr std::size_t short_name_length = 6;
constexpr std::size_t long_name_length = 8;
constexpr std::string_view base36 = "0123456789abcdefghijklmnopqrstuvwxyz";

constexpr std::size_t masked_head = 3;
constexpr std::size_t masked_tail = 4;
constexpr std::size_t always_hidden = 4;  ///< digits that stay hidden however short the number is

std::uint64_t checked(std::int64_t uid) {
  if (uid < 1 || static_cast<std::uint64_t>(uid) >= code_numbers) throw std::out_of_range("uid outside 1 ... 2^40 - 1");
  return static_cast<std::uint64_t>(uid);
}

/// Round function of the Feistel network: MurmurHash3's 32-bit finaliser, cut to a half. It need not be invertible.
constexpr std::uint32_t mixed(std::uint32_t half, std::uint32_t constant) {
  std::uint32_t x = half ^ constant;
  x ^= x >> 16;
  x *= 0x85EBCA6BU;
  x ^= x >> 13;
  x *= 0xC2B2AE35U;
  x ^= x >> 16;
  return x & half_mask;
}

constexpr std::uint64_t permuted(std::uint64_t number) {
  auto left = static_cast<std::uint32_t>(number >> half_bits);
  auto right = static_cast<std::uint32_t>(number) & half_mask;
  for (const std::uint32_t constant : round_constants) {
    const std::uint32_t next = left ^ mixed(right, constant);
    left = right;
    right = next;
  }
  return (std::uint64_t{left} << half_bits) | right;
}

constexpr std::uint64_t unpermuted(std::uint64_t number) {
  auto left = static_cast<std::uint32_t>(number >> half_bits);
  auto right = static_cast<std::uint32_t>(number) & half_mask;
  for (auto constant = round_constants.rbegin(); constant != round_constants.rend(); ++constant) {
    const std::uint32_t previous = right ^ mixed(left, *constant);
    right = left;
    left = previous;
  }
  return (std::uint64_t{left} << half_bits) | right;
}

static_assert(unpermuted(permuted(1)) == 1 && unpermuted(permuted(code_numbers - 1)) == code_numbers - 1);

/// A permutation of the 31-bit numbers: multiplication by an odd number and xor with the own upper bits can be undone.
constexpr std::uint64_t shuffled31(std::uint64_t number) {
  constexpr std::uint64_t mask = short_name_numbers - 1;
  std::uint64_t x = number;
  x = (x * 0x2C1B3C6DU) & mask;
  x ^= x >> 15;
  x = (x * 0x297A2D39U) & mask;
  x ^= x >> 14;
  return x;
}

std::string base36_of(std::uint64_t number, std::size_t length) {
  std::string text(length, base36.front());
  for (std::size_t i = length; i > 0; --i) {
    text[i - 1] = base36[number % base36.size()];
    number /= base36.size();
  }
  return text;
}

constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::optional<errc> refusal_of(account_status status) noexcept {
  switch (status) {
    case account_status::normal:
      return std::nullopt;
    case account_status::banned:
      return errc::account_banned;
    case account_status::pending:
      return errc::account_pending;
    case account_status::rejected:
      return errc::account_rejected;
    case account_status::ignored:
      return errc::account_ignored;
    // The number's owner took over from an account that had never proved the number (PWD-09): nobody is left behind it.
    case account_status::replaced:
      return errc::invalid_token;
  }
  return errc::internal;  // a number that is no status came out of the database
}

std::string invite_code_of(std::int64_t uid) {
  std::uint64_t number = permuted(checked(uid));
  std::string code(code_length, code_alphabet.front());
  for (std::size_t i = code_length; i > 0; --i) {
    code[i - 1] = code_alphabet[number % code_alphabet.size()];
    number >>= bits_per_character;
  }
  return code;
}

std::optional<std::int64_t> uid_of_invite_code(std::string_view code) {
  if (code.size() != code_length) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : code) {
    const std::size_t digit = code_alphabet.find(upper(c));
    if (digit == std::string_view::npos) return std::nullopt;
    number = (number << bits_per_character) | digit;
  }
  const auto uid = static_cast<std::int64_t>(unpermuted(number));
  return uid >= 1 ? std::optional(uid) : std::nullopt;
}

std::string generated_username(std::string_view prefix, std::int64_t uid) {
  const std::uint64_t number = checked(uid);
  const bool is_short = number < short_name_numbers;
  std::string name(prefix);
  name += is_short ? base36_of(shuffled31(number), short_name_length) : base36_of(permuted(number), long_name_length);
  return name;
}

std::string masked_national(std::string_view national) {
  const std::size_t showable = std::max(national.size(), always_hidden) - always_hidden;
  const std::size_t shown = std::min(showable, masked_head + masked_tail);
  const std::size_t head = std::min(masked_head, shown / 2);
  const std::size_t tail = shown - head;
  std::string text(national.substr(0, head));
  text += "****";
  text += national.substr(national.size() - tail);
  return text;
}

}  // namespace smsauth::core
