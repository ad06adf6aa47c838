// libFuzzer target for token verification. First byte "h" or "e": the rest is header and claims as JSON, one newline
// between them, which we sign with the HS256 or ES256 key, so that the fuzzer reaches what lies behind the signature.
// Any other first byte: the rest is a whole token.
#include "crypto/base64.hpp"
#include "crypto/jwt.hpp"
#include "crypto/signing_key.hpp"
#include "require.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace smsauth;
using test::require;

constexpr std::int64_t now = 1'795'257'841;
constexpr std::int64_t leeway = 5;
constexpr std::string_view issuer = "https://api.example.com";
constexpr std::string_view audience = "app";

/// Fixed, so that the tokens of the seed corpus stay good. It signs nothing outside this program.
const crypto::signing_key& hmac_key() {
  static const crypto::signing_key key =
      crypto::signing_key::import_private(crypto::jwt_algorithm::hs256, "h1",
                                          "4e473360dc5cabbc19cdc13cbb1d8fba293328b29e0342bca754ae2eb94dfbf6")
          .value();
  return key;
}

const crypto::signing_key& ecdsa_key() {
  static const crypto::signing_key key = crypto::signing_key::generate(crypto::jwt_algorithm::es256, "e1");
  return key;
}

std::string signed_token(const crypto::signing_key& key, std::string_view json) {
  const std::size_t newline = std::min(json.find('\n'), json.size());
  const std::string_view claims = json.substr(std::min(newline + 1, json.size()));
  std::string token = crypto::base64url(json.substr(0, newline)) + "." + crypto::base64url(claims);
  token += "." + crypto::base64url(key.signature_of(token));
  return token;
}

/// Both halves of "signed by us, and spelled in the one way that there is".
void check_token(const std::string& token) {
  require(token.size() <= crypto::max_token_bytes);
  require(std::count(token.begin(), token.end(), '.') == 2);
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  const std::string_view whole(token);
  for (const std::string_view segment :
       {whole.substr(0, first), whole.substr(first + 1, second - first - 1), whole.substr(second + 1)}) {
    const auto bytes = crypto::from_base64url(segment);
    require(bytes && !bytes->empty() && crypto::base64url(*bytes) == segment);
  }
  const std::string_view message = whole.substr(0, second);
  const std::string signature = crypto::from_base64url(whole.substr(second + 1)).value();
  require(hmac_key().has_signed(message, signature) || ecdsa_key().has_signed(message, signature));
}

void check_claims(const crypto::verified& claims) {
  require(!claims.sub.empty() && claims.iss == issuer && claims.aud == audience);
  require(claims.exp > now - leeway && claims.nbf <= now + leeway && claims.iat <= now + crypto::max_future_seconds);
  if (claims.sub_is_integer) {
    require(claims.sub.find_first_not_of("0123456789", claims.sub.front() == '-' ? 1 : 0) == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string token(input);
  if (data[0] == 'h') token = signed_token(hmac_key(), input);
  if (data[0] == 'e') token = signed_token(ecdsa_key(), input);

  const std::array keys{&hmac_key(), &ecdsa_key()};
  crypto::expectations expected;
  expected.iss = issuer;
  expected.aud = audience;
  expected.now_seconds = now;
  expected.leeway_seconds = leeway;
  const auto claims = crypto::verify(token, keys, expected);
  if (!claims) {
    require(claims.error() == core::errc::invalid_token);
    return 0;
  }
  check_token(token);
  check_claims(*claims);
  return 0;
}
