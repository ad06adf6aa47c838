// RSA and ECDSA over OpenSSL, for signing_key alone. `algorithm` is rs256 or es256 everywhere.
#pragma once

#include "crypto/signing_key.hpp"

#include <string>
#include <string_view>

namespace smsauth::crypto {

/// A new pair; the caller owns it (EVP_PKEY_free). Throws std::runtime_error.
evp_pkey_st* generate_key_pair(jwt_algorithm algorithm);

/// The pair in a PKCS #8 DER text, owned by the caller; null when it is none, holds more bytes after it, is of another
/// kind or size, or its numbers do not fit together.
evp_pkey_st* read_key_pair(jwt_algorithm algorithm, std::string_view der);

/// PKCS #8 DER, unencrypted. Throws std::runtime_error.
std::string write_key_pair(const evp_pkey_st* pair);

/// The JSON members kty, n, e (RFC 7518 section 6.3.1) or kty, crv, x, y (section 6.2.1), without braces.
std::string public_jwk_members(jwt_algorithm algorithm, const evp_pkey_st* pair);

/// Raw JWS signature. Throws std::runtime_error.
std::string asymmetric_signature(jwt_algorithm algorithm, evp_pkey_st* pair, std::string_view message);

/// False for every signature that is not exactly of the key's length.
bool is_asymmetric_signature(jwt_algorithm algorithm, evp_pkey_st* pair, std::string_view message,
                             std::string_view signature);

}  // namespace smsauth::crypto
