#include "crypto/base64.hpp"
#include "crypto/jwt.hpp"
#include "crypto/jwt_fixture.hpp"
#include "crypto/mac.hpp"
#include "crypto/rfc7515_keys.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

using namespace smsauth;
using namespace smsauth::crypto;
using namespace smsauth::test;
using namespace std::string_literals;

TEST_CASE("no algorithm but the key's is taken (TOK-01)") {
  const std::string claims = base64url(good_claims);
  SUBCASE("none in any letter case, with no, any or a good signature") {
    for (const std::string alg : {"none", "None", "NONE", "nOnE", "NoNe", "", "null"}) {
      for (const std::string& header : {R"({"typ":"JWT","alg":")" + alg + "\"}", R"({"alg":")" + alg + "\"}"}) {
        const std::string unsigned_part = base64url(header) + '.' + claims;
        CHECK_FALSE(accepted(unsigned_part + '.'));
        CHECK_FALSE(accepted(unsigned_part));
        CHECK_FALSE(accepted(unsigned_part + ".AA"));
        CHECK_FALSE(accepted(token_of(hs(), header)));
        CHECK_FALSE(accepted(token_of(es(), header)));
      }
    }
  }
  SUBCASE("missing, of another type, or spelled otherwise") {
    for (const std::string_view header :
         {R"({"typ":"JWT"})", R"({"typ":"JWT","alg":null})", R"({"typ":"JWT","alg":256})",
          R"({"typ":"JWT","alg":["HS256"]})", R"({"typ":"JWT","alg":"hs256"})", R"({"typ":"JWT","alg":"HS256 "})",
          R"({"typ":"JWT","alg":"HS384"})", R"({"typ":"JWT","alg":"HS512"})", R"({"typ":"JWT","Alg":"HS256"})",
          R"({"typ":"JWT","alg":true})"}) {
      CAPTURE(header);
      CHECK_FALSE(accepted(token_of(hs(), header)));
    }
  }
  SUBCASE("another key's algorithm") {
    const signing_key* keys[] = {&hs(), &es(), &rs()};
    for (const signing_key* signer : keys) {
      for (const signing_key* claimed : keys) {
        const std::string alg(to_string(claimed->algorithm()));
        const std::string header = R"({"typ":"JWT","alg":")" + alg + "\"}";
        const std::string named = R"({"typ":"JWT","alg":")" + alg + R"(","kid":")" + signer->kid() + "\"}";
        CHECK(accepted(token_of(*signer, header)) == (signer == claimed));
        CHECK(accepted(token_of(*signer, named)) == (signer == claimed));
      }
    }
  }
  SUBCASE("a public key taken for a shared one, and the empty key (CVE-2015-9235, CVE-2026-44699)") {
    const std::string modulus = from_base64url(test::rfc7515_rs256_modulus).value();
    for (const std::string& key : {modulus, std::string(test::rfc7515_rs256_modulus), rs().public_jwk(),
                                   es().public_jwk(), "\0"s /* pads to the same block as the empty key */, "secret"s}) {
      for (const std::string_view header :
           {R"({"typ":"JWT","alg":"HS256"})", R"({"typ":"JWT","alg":"HS256","kid":"rs-1"})",
            R"({"typ":"JWT","alg":"RS256"})", R"({"typ":"JWT","alg":"ES256"})"}) {
        const std::string part = base64url(header) + '.' + claims;
        const auto mac = hmac_sha256(std::as_bytes(std::span(key)), part);
        const std::string_view signature(reinterpret_cast<const char*>(mac.data()), mac.size());
        CHECK_FALSE(accepted(part + '.' + base64url(signature)));
        CHECK_FALSE(accepted(part + '.' + base64url(signature), {&rs()}));
      }
    }
  }
  SUBCASE("signatures of nothing") {
    for (const signing_key* key : {&hs(), &es(), &rs()}) {
      const std::string token = sign(*key, false, good_claims);
      const std::string part = token.substr(0, token.rfind('.') + 1);
      for (const std::size_t length : {1, 32, 64, 72, 256}) {
        CHECK_FALSE(accepted(part + base64url(std::string(length, '\0'))));
      }
    }
  }
}

TEST_CASE("a header that brings anything else is refused (TOK-03)") {
  const std::string jwk = es().public_jwk();
  for (const std::string& member :
       {R"("crit":["exp"])"s, R"("crit":[])"s, R"("jku":"https://evil.example/jwks")"s,
        R"("x5u":"file:///etc/passwd")"s, R"("x5c":["MIIB"])"s, R"("x5t":"AA")"s, R"("b64":false)"s, R"("zip":"DEF")"s,
        R"("cty":"JWT")"s, R"("epk":{})"s, R"("jti":"a")"s, R"("":"")"s, R"("KID":"hs-1")"s, "\"jwk\":" + jwk}) {
    CAPTURE(member);
    CHECK_FALSE(accepted(token_of(hs(), R"({"typ":"JWT","alg":"HS256",)" + member + '}')));
    CHECK_FALSE(accepted(token_of(es(), R"({"typ":"JWT","alg":"ES256",)" + member + '}')));
  }
}

TEST_CASE("an attacker's own key in the header signs nothing (CVE-2018-0114)") {
  const signing_key evil = signing_key::generate(jwt_algorithm::es256, "es-1");
  CHECK_FALSE(accepted(sign(evil, false, good_claims)));
  CHECK_FALSE(accepted(sign(evil, true, good_claims)));
  CHECK_FALSE(accepted(token_of(evil, R"({"typ":"JWT","alg":"ES256","jwk":)" + evil.public_jwk() + '}')));
}

TEST_CASE("a kid only chooses among the given keys (TOK-03)") {
  std::vector<std::string> kids = {"",
                                   "hs-2",
                                   "es-1",
                                   "rs-1",
                                   "HS-1",
                                   "hs-1 ",
                                   " hs-1",
                                   "../hs-1",
                                   "../../dev/null",
                                   "/etc/passwd",
                                   "hs-1/../hs-1",
                                   "hs-1%00",
                                   "' OR 1=1 --",
                                   "hs-1' UNION SELECT 'a",
                                   "hs-1\\u0000",
                                   "\\u0000",
                                   "hs-1|ls",
                                   "$(ls)",
                                   "*",
                                   "hs_1",
                                   "0",
                                   "null"};
  kids.emplace_back(10'000, 'k');
  kids.emplace_back(65, 'k');
  kids.emplace_back(1000, '.');
  for (const std::string& kid : kids) {
    CAPTURE(kid.substr(0, 40));
    CHECK_FALSE(accepted(token_of(hs(), R"({"typ":"JWT","alg":"HS256","kid":")" + kid + "\"}")));
  }
  for (const std::string_view kid : {"null", "1", "true", "[\"hs-1\"]", "{\"hs-1\":1}"}) {
    CHECK_FALSE(accepted(token_of(hs(), R"({"typ":"JWT","alg":"HS256","kid":)" + std::string(kid) + '}')));
  }
  CHECK(accepted(token_of(hs(), R"({"typ":"JWT","alg":"HS256","kid":"hs-1"})")));
}

TEST_CASE("the typ must be JWT") {
  for (const std::string_view header :
       {R"({"alg":"HS256"})", R"({"typ":"jwt","alg":"HS256"})", R"({"typ":"","alg":"HS256"})",
        R"({"typ":"at+jwt","alg":"HS256"})", R"({"typ":null,"alg":"HS256"})", R"({"typ":"JWE","alg":"HS256"})",
        R"({"typ":"JWT ","alg":"HS256"})"}) {
    CAPTURE(header);
    CHECK_FALSE(accepted(token_of(hs(), header)));
  }
}

TEST_CASE("claims that are no strict JSON object are refused though well signed (TOK-05)") {
  for (const std::string_view claims : {"", "null", "[]", "\"x\"", "{", "{}", "{}{}"})
    CHECK_FALSE(claims_accepted(claims));
  const std::string inside(good_claims.substr(1));
  CHECK_FALSE(claims_accepted("{\"sub\":18," + inside));
  CHECK_FALSE(claims_accepted("{\"s\\u0075b\":18," + inside));
  CHECK_FALSE(claims_accepted("{\"x\":{\"a\":1,\"a\":1}," + inside));
  CHECK_FALSE(claims_accepted("{\"x\":\"\\u0000\"," + inside));
  CHECK_FALSE(claims_accepted("{\"x\":\"\xff\"," + inside));
  CHECK_FALSE(claims_accepted(std::string(good_claims) + 'x'));
  CHECK(claims_accepted("{\"x\":{\"a\":1,\"b\":[true,null]}," + inside));
}

TEST_CASE("repeated members of the header are refused (TOK-05)") {
  for (const std::string_view header :
       {R"({"typ":"JWT","alg":"HS256","alg":"HS256"})", R"({"alg":"none","typ":"JWT","alg":"HS256"})",
        R"({"typ":"JWT","typ":"JWT","alg":"HS256"})", R"({"typ":"JWT","\u0061lg":"HS256","alg":"HS256"})",
        R"({"typ":"JWT","alg":"HS256","kid":"hs-1","kid":"hs-1"})"}) {
    CAPTURE(header);
    CHECK_FALSE(accepted(token_of(hs(), header)));
  }
}

TEST_CASE("a token has three segments of one spelling (TOK-05)") {
  const std::string token = sign(hs(), false, good_claims);
  REQUIRE(accepted(token));
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  const std::string header = token.substr(0, first);
  const std::string claims = token.substr(first + 1, second - first - 1);
  const std::string signature = token.substr(second + 1);
  const std::vector<std::string> forged = {"",
                                           ".",
                                           "..",
                                           "...",
                                           header,
                                           header + '.' + claims,
                                           header + '.' + claims + '.',
                                           '.' + claims + '.' + signature,
                                           header + ".." + signature,
                                           token + '.',
                                           token + ".x",
                                           '.' + token,
                                           token + '.' + signature,
                                           token + "=",
                                           token + "==",
                                           header + "=." + claims + '.' + signature,
                                           header + '.' + claims + "=." + signature,
                                           ' ' + token,
                                           token + ' ',
                                           token + '\n',
                                           token + "\r\n",
                                           '\t' + token,
                                           token + '\0',
                                           header + ". " + claims + '.' + signature,
                                           header + '\n' + '.' + claims + '.' + signature,
                                           "Bearer " + token,
                                           token + token,
                                           '"' + token + '"',
                                           header + ',' + claims + ',' + signature,
                                           header + '.' + signature + '.' + claims,
                                           claims + '.' + header + '.' + signature,
                                           token + "%3D",
                                           "\xef\xbb\xbf" + token};
  for (const std::string& bad : forged) {
    CAPTURE(bad);
    CHECK_FALSE(accepted(bad));
  }
}

TEST_CASE("no character of a token can be exchanged, not even for one with the same bits") {
  const std::string token = sign(hs(), true, good_claims);
  constexpr std::string_view others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. ";
  const std::array<const signing_key*, 1> keys = {&hs()};
  const expectations expected = module_expectations();
  int good = 0;
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    for (const char c : others) {
      if (c == token[at]) continue;
      changed[at] = c;
      if (verify(changed, keys, expected).has_value()) ++good;
    }
  }
  CHECK(good == 0);
}

TEST_CASE("a token of more than 4 KiB is refused though well signed (TOK-05)") {
  const auto padded = [](std::size_t filler) {
    return sign(hs(), false, "{\"x\":\"" + std::string(filler, 'x') + "\"," + std::string(good_claims.substr(1)));
  };
  CHECK(accepted(padded(2500)));
  std::size_t filler = 2500;
  while (padded(filler + 1).size() <= max_token_bytes)
    ++filler;
  CHECK(accepted(padded(filler)));
  CHECK_FALSE(accepted(padded(filler + 1)));
  CHECK_FALSE(accepted(padded(5000)));
}
