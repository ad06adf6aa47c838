#include "crypto/phc.hpp"

#include "crypto/base64.hpp"

#include <charconv>

namespace smsauth::crypto {

namespace {

constexpr std::string_view prefix = "$argon2id$v=19$";  // version 0x13, the one of RFC 9106

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

/// A decimal number without sign and leading zero.
bool take_number(std::string_view& text, std::uint32_t& number) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool is_between(std::size_t value, std::size_t smallest, std::size_t largest) {
  return value >= smallest && value <= largest;
}

}  // namespace

bool is_acceptable(const argon2_parameters& parameters) noexcept {
  return is_between(parameters.parallelism, 1, max_parallelism) &&
         is_between(parameters.iterations, 1, max_iterations) &&
         is_between(parameters.memory_kib, std::size_t{min_memory_kib_per_lane} * parameters.parallelism,
                    max_memory_kib);
}

std::string write_phc(const phc_hash& hash) {
  std::string text(prefix);
  text += "m=" + std::to_string(hash.parameters.memory_kib);
  text += ",t=" + std::to_string(hash.parameters.iterations);
  text += ",p=" + std::to_string(hash.parameters.parallelism);
  text += '$' + base64_unpadded(hash.salt);
  text += '$' + base64_unpadded(hash.tag);
  return text;
}

std::optional<phc_hash> parse_phc(std::string_view text) {
  phc_hash hash;
  argon2_parameters& parameters = hash.parameters;
  if (!take(text, prefix) || !take(text, "m=") || !take_number(text, parameters.memory_kib) || !take(text, ",t=") ||
      !take_number(text, parameters.iterations) || !take(text, ",p=") || !take_number(text, parameters.parallelism) ||
      !take(text, "$") || !is_acceptable(parameters)) {
    return std::nullopt;
  }
  const std::size_t dollar = text.find('$');
  if (dollar == std::string_view::npos) return std::nullopt;
  auto salt = from_base64_unpadded(text.substr(0, dollar));
  auto tag = from_base64_unpadded(text.substr(dollar + 1));
  if (!salt || !is_between(salt->size(), min_salt_bytes, max_salt_bytes)) return std::nullopt;
  if (!tag || !is_between(tag->size(), min_tag_bytes, max_tag_bytes)) return std::nullopt;
  hash.salt = std::move(*salt);
  hash.tag = std::move(*tag);
  return hash;
}

}  // namespace smsauth::crypto
