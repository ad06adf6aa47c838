// The keys of tokens: one key, one algorithm, one name (RFC 8725 sections 3.1 and 3.5).
//
// Measured on one core, per token of 280 to 580 bytes, parsing included: HS256 sign 1.1 us, verify 2.2 us; ES256 sign
// 26 us, verify 74 us; RS256 with 2048 bits sign 306 us, verify 22 us.
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace smsauth::crypto {

/// RFC 7518 section 3.1: HMAC-SHA-256; RSASSA-PKCS1-v1_5 with SHA-256; ECDSA on P-256 with SHA-256.
enum class jwt_algorithm : std::uint8_t { hs256, rs256, es256 };

/// "HS256", "RS256", "ES256".
std::string_view to_string(jwt_algorithm algorithm) noexcept;

inline constexpr int rsa_bits = 2048;                  ///< of a generated key
inline constexpr int min_rsa_bits = 2048;              ///< of an imported one (RFC 7518 section 3.3)
inline constexpr int max_rsa_bits = 4096;              ///< verifying with longer ones is too slow
inline constexpr std::size_t min_hmac_key_bytes = 32;  ///< RFC 7518 section 3.2
inline constexpr std::size_t max_hmac_key_bytes = 128;
inline constexpr std::size_t max_kid_chars = 64;

/// Whether the text can name a key: 1 … 64 of A-Z a-z 0-9 _ - (TOK-03).
bool is_kid(std::string_view text) noexcept;

/// A private or shared key, never changed after it was made: any number of threads may use it at once.
class signing_key {
 public:
  /// A new key. Throws std::invalid_argument when `kid` is no kid, random_unavailable, std::runtime_error (OpenSSL).
  static signing_key generate(jwt_algorithm algorithm, std::string_view kid);

  /// The key that export_private wrote. Errors: invalid_field for a bad kid, for text that is no key of this algorithm
  /// in lower-case hex, for a key that is too short or long, inconsistent or on another curve, and for a shared key
  /// that can be guessed (weak_key.hpp, TOK-02).
  static core::result<signing_key> import_private(jwt_algorithm algorithm, std::string_view kid, std::string_view text);

  signing_key(signing_key&& other) noexcept;
  signing_key& operator=(signing_key&& other) noexcept;
  ~signing_key();

  jwt_algorithm algorithm() const noexcept { return algorithm_; }
  const std::string& kid() const noexcept { return kid_; }

  /// Lower-case hex: PKCS #8 in DER (RFC 5958), or the bytes of a shared key. Seal it before it goes anywhere.
  std::string export_private() const;

  /// The public half as a JWK (RFC 7517; members of RFC 7518 section 6), one line of JSON text with kid, use and alg.
  /// Throws std::logic_error for HS256: such a key has no public half.
  std::string public_jwk() const;

  /// The JWS signature of `message` as raw bytes; ES256: r | s, 32 bytes each (RFC 7518 section 3.4).
  /// Throws std::runtime_error when OpenSSL fails.
  std::string signature_of(std::string_view message) const;

  /// Whether signature_of could have given `signature`. Never throws for a bad signature.
  bool has_signed(std::string_view message, std::string_view signature) const;

 private:
  struct free_key {
    void operator()(evp_pkey_st* key) const noexcept;
  };
  using key_pair = std::unique_ptr<evp_pkey_st, free_key>;

  signing_key(jwt_algorithm algorithm, std::string_view kid, std::string shared, key_pair pair);

  void wipe() noexcept;

  jwt_algorithm algorithm_;
  std::string kid_;
  std::string shared_;  ///< HS256 only; on the heap always, since it is longer than the string's inner buffer
  key_pair pair_;       ///< RS256, ES256
};

}  // namespace smsauth::crypto
