// The character classes of HTTP (RFC 9110 section 5.6, RFC 9112) and URLs (RFC 3986). ASCII only, no locale.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace smsauth::http {

inline constexpr std::string_view token_punctuation = "!#$%&'*+-.^_`|~";

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}
constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// -1 when `c` is no hexadecimal digit.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// One flag per octet: the edge looks at every octet of a header once, so it looks it up.
using character_set = std::array<bool, 256>;

template <class Predicate>
constexpr character_set make_character_set(Predicate contains) {
  character_set set{};
  for (std::size_t i = 0; i < set.size(); ++i)
    set[i] = contains(static_cast<char>(static_cast<unsigned char>(i)));
  return set;
}

inline constexpr character_set token_characters = make_character_set(
    [](char c) { return is_digit(c) || is_alpha(c) || token_punctuation.find(c) != std::string_view::npos; });

constexpr bool consists_of(std::string_view text, const character_set& set) noexcept {
  for (const char c : text)
    if (!set[static_cast<unsigned char>(c)]) return false;
  return true;
}

constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && consists_of(text, token_characters);
}

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

/// Without the blanks and tabs around it.
constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

}  // namespace smsauth::http
