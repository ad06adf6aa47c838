// Keys: the one master key of the installation, and the purpose keys derived from it.
#pragma once

#include "core/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smsauth::crypto {

inline constexpr std::size_t key_bytes = 32;

/// 32 bytes that exist once: moved, never copied, and zeroed where they leave and where they die.
class key_material {
 public:
  explicit key_material(std::span<const std::byte, key_bytes> bytes) noexcept;
  key_material(key_material&& other) noexcept;
  key_material& operator=(key_material&& other) noexcept;
  ~key_material();

  std::span<const std::byte, key_bytes> bytes() const noexcept { return bytes_; }

 private:
  void wipe() noexcept;

  std::array<std::byte, key_bytes> bytes_;
};

/// A key for one purpose, made by master_key::derive.
class sub_key {
 public:
  explicit sub_key(std::span<const std::byte, key_bytes> bytes) noexcept : material_(bytes) {}

  std::span<const std::byte, key_bytes> bytes() const noexcept { return material_.bytes(); }

 private:
  key_material material_;
};

/// The installation's secret (--secret-file). Used for nothing but deriving.
class master_key {
 public:
  /// From 64 hex digits in either case, nothing around them.
  /// Errors: invalid_field for another length or character, and for a key that can be guessed (see weak_key.hpp,
  /// TOK-02).
  static core::result<master_key> from_hex(std::string_view text);

  /// A new key from random_bytes.
  static master_key generate();

  /// HKDF-SHA-256 (RFC 5869) with `label` as info: different labels give unrelated keys. A label names the purpose,
  /// such as "code-mac"; it must not be empty nor hold a NUL (std::logic_error).
  sub_key derive(std::string_view label) const;

  /// The same for one period, such as a day's number: keeps the count of messages under one key small (seal.hpp).
  sub_key derive(std::string_view label, std::uint64_t period) const;

  /// 64 lower-case hex digits, for writing a new secret file; for nothing else.
  std::string to_hex() const;

 private:
  explicit master_key(std::span<const std::byte, key_bytes> bytes) noexcept : material_(bytes) {}

  key_material material_;
};

}  // namespace smsauth::crypto
