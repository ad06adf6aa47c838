// Keys, claims and forged tokens for the tests of crypto/jwt.
#pragma once

#include "crypto/base64.hpp"
#include "crypto/jwt.hpp"
#include "crypto/rfc7515_keys.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::test {

using namespace smsauth::crypto;

inline constexpr std::int64_t now = 1'700'000'000;
inline constexpr std::string_view issuer = "https://api.example.com/module/main/register";

inline constexpr std::string_view good_claims =
    R"({"sub":17,"iss":"https://api.example.com/module/main/register",)"
    R"("iat":1700000000,"exp":1700003600,"nbf":1700000000,"jti":"abcdefghijklmnop"})";

inline const signing_key& hs() {
  static const signing_key key = signing_key::generate(jwt_algorithm::hs256, "hs-1");
  return key;
}

inline const signing_key& es() {
  static const signing_key key = signing_key::generate(jwt_algorithm::es256, "es-1");
  return key;
}

inline const signing_key& rs() {
  static const signing_key key = *signing_key::import_private(jwt_algorithm::rs256, "rs-1", rfc7515_rs256_key);
  return key;
}

inline expectations module_expectations() {
  expectations expected;
  expected.iss = issuer;
  expected.now_seconds = now;
  return expected;
}

inline bool accepted(std::string_view token, const std::vector<const signing_key*>& keys = {&hs(), &es(), &rs()}) {
  const auto result = verify(token, keys, module_expectations());
  if (result.has_error()) CHECK(result.error() == core::failure(core::errc::invalid_token));
  return result.has_value();
}

/// Signed properly, whatever header and claims say.
inline std::string token_of(const signing_key& key, std::string_view header, std::string_view claims = good_claims) {
  std::string token = base64url(header) + '.' + base64url(claims);
  const std::string signature = key.signature_of(token);
  return token + '.' + base64url(signature);
}

inline bool claims_accepted(std::string_view claims) {
  return accepted(token_of(hs(), R"({"typ":"JWT","alg":"HS256"})", claims));
}

/// good_claims with one claim replaced by `member` text, or removed.
inline std::string claims_with(std::string_view name, std::string_view member) {
  std::string claims(good_claims);
  const std::size_t begin = claims.find('"' + std::string(name) + "\":");
  std::size_t end = claims.find_first_of(",}", begin);
  if (member.empty()) {
    if (claims[end] == ',') return claims.erase(begin, end + 1 - begin);
    return claims.erase(begin - 1, end - begin + 1);
  }
  return claims.replace(begin, end - begin, member);
}

}  // namespace smsauth::test
