// Signed tokens: JWT (RFC 7519) in JWS compact form (RFC 7515), read with the distrust of RFC 8725.
#pragma once

#include "core/error.hpp"
#include "crypto/signing_key.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smsauth::crypto {

inline constexpr std::size_t max_token_bytes = 4096;    ///< TOK-05
inline constexpr std::int64_t max_future_seconds = 60;  ///< how far another node's clock may be ahead (R-21)

/// base64url(header).base64url(claims).base64url(signature). The header is exactly {"typ":"JWT","alg":"…"}, with
/// ,"kid":"…" inside when asked for. `claims_json` is taken as it is: a JSON object, the caller's business.
/// Throws std::runtime_error when OpenSSL fails.
std::string sign(const signing_key& key, bool with_kid, std::string_view claims_json);

/// What a token must say. The views need to live for the call only.
struct expectations {
  std::string_view iss;             ///< exactly; empty: the token's is empty or absent
  std::string_view aud;             ///< likewise; a list of audiences never fits
  std::int64_t now_seconds = 0;     ///< Unix time
  std::int64_t leeway_seconds = 0;  ///< added to exp and taken from nbf
};

/// The claims of a token whose signature, header, times, iss and aud are good. Others of its claims are not shown.
struct verified {
  std::string sub;  ///< never empty; an integer in decimal digits
  std::string iss;
  std::string aud;
  std::string jti;
  std::int64_t iat = 0;  ///< Unix time, as nbf and exp
  std::int64_t nbf = 0;
  std::int64_t exp = 0;
  bool sub_is_integer = false;  ///< the JSON type of sub: two dialects differ here
};

/// Checks a token against `keys` and nothing else: no file, address or key in the token is ever followed (TOK-03).
///
/// Refused, each with errc::invalid_token and nothing more:
///  - not three non-empty segments of canonical unpadded base64url, or more than max_token_bytes;
///  - a header with other members than typ ("JWT", required), alg (required) and kid, so crit, jku, jwk, x5u, x5c, b64,
///  zip;
///    repeated members in header or claims;
///  - an alg that is not, letter for letter, that of a key (so "none" however spelled), a kid that is no kid or names
///  no
///    key of that algorithm. Without a kid every key of the algorithm is tried;
///  - a wrong signature;
///  - claims without sub (text or integer), iat, nbf and exp (integers); iss, aud or jti that are not text;
///    exp reached, nbf not reached, iat more than max_future_seconds ahead; another iss or aud.
core::result<verified> verify(std::string_view token, std::span<const signing_key* const> keys,
                              const expectations& expected);

}  // namespace smsauth::crypto
