#include "crypto/jwt.hpp"

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "crypto/jwt_fixture.hpp"
#include "crypto/rfc7515_keys.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <string>
#include <string_view>

using namespace smsauth;
using namespace smsauth::crypto;
using namespace smsauth::test;
using namespace std::string_literals;

TEST_CASE("tokens have the header of the dialects, typ first") {
  const std::string plain = sign(hs(), false, good_claims);
  CHECK(plain.starts_with(base64url(R"({"typ":"JWT","alg":"HS256"})") + '.' + base64url(good_claims) + '.'));
  CHECK(sign(es(), false, "{}").starts_with(base64url(R"({"typ":"JWT","alg":"ES256"})") + '.'));
  CHECK(sign(rs(), true, "{}").starts_with(base64url(R"({"typ":"JWT","alg":"RS256","kid":"rs-1"})") + '.'));
}

TEST_CASE("what one key signs it verifies, with and without its name") {
  for (const signing_key* key : {&hs(), &es(), &rs()}) {
    for (const bool with_kid : {false, true}) {
      const std::string token = sign(*key, with_kid, good_claims);
      CHECK(accepted(token));
      CHECK(accepted(token, {key}));
      CHECK_FALSE(accepted(token, {}));
    }
  }
}

TEST_CASE("the claims of dialect module are read") {
  const std::array<const signing_key*, 1> keys = {&hs()};
  const auto result = verify(sign(hs(), false, good_claims), keys, module_expectations());
  REQUIRE(result.has_value());
  CHECK(result->sub == "17");
  CHECK(result->sub_is_integer);
  CHECK(result->iss == issuer);
  CHECK(result->aud.empty());
  CHECK(result->jti == "abcdefghijklmnop");
  CHECK(result->iat == now);
  CHECK(result->nbf == now);
  CHECK(result->exp == now + 3600);
}

TEST_CASE("the claims of dialect discuzq are read") {
  const std::string jti(80, 'a');
  const std::string token =
      sign(es(), false,
           R"({"aud":"","jti":")" + jti +
               R"(","iat":1700000000,"nbf":1700000000,"exp":1702592000,"sub":"17","scopes":[null]})");
  expectations expected;
  expected.now_seconds = now;
  const std::array<const signing_key*, 1> keys = {&es()};
  const auto result = verify(token, keys, expected);
  REQUIRE(result.has_value());
  CHECK(result->sub == "17");
  CHECK_FALSE(result->sub_is_integer);
  CHECK(result->jti == jti);
  CHECK(result->exp == 1'702'592'000);
}

TEST_CASE("old and new keys verify side by side during a rotation (TOK-11)") {
  const signing_key old_key = signing_key::generate(jwt_algorithm::es256, "old");
  const signing_key new_key = signing_key::generate(jwt_algorithm::es256, "new");
  for (const bool with_kid : {false, true}) {
    CHECK(accepted(sign(old_key, with_kid, good_claims), {&new_key, &old_key}));
    CHECK(accepted(sign(new_key, with_kid, good_claims), {&new_key, &old_key}));
    CHECK_FALSE(accepted(sign(old_key, with_kid, good_claims), {&new_key}));
  }
}

TEST_CASE("times are kept to the second (TOK-04)") {
  struct row {
    std::int64_t at;
    std::int64_t leeway;
    bool good;
  };
  // nbf is now, exp is now + 3600
  const row rows[] = {{now, 0, true},         {now - 1, 0, false},    {now + 3599, 0, true},  {now + 3600, 0, false},
                      {now + 3601, 0, false}, {now - 5, 5, true},     {now - 6, 5, false},    {now + 3604, 5, true},
                      {now + 3605, 5, false}, {now - 60, 3600, true}, {now - 61, 3600, false}};
  const std::string token = sign(hs(), false, good_claims);
  const std::array<const signing_key*, 1> keys = {&hs()};
  for (const auto& [at, leeway, good] : rows) {
    CAPTURE(at - now);
    expectations expected = module_expectations();
    expected.now_seconds = at;
    expected.leeway_seconds = leeway;
    CHECK(verify(token, keys, expected).has_value() == good);
  }
}

TEST_CASE("a token from the future is refused from 61 seconds on (R-21)") {
  CHECK(claims_accepted(claims_with("iat", "\"iat\":1700000060")));
  CHECK_FALSE(claims_accepted(claims_with("iat", "\"iat\":1700000061")));
}

TEST_CASE("claims at the ends of their range do not wrap") {
  const std::string largest = std::to_string(std::numeric_limits<std::int64_t>::max());
  const std::string smallest = std::to_string(std::numeric_limits<std::int64_t>::min());
  CHECK(claims_accepted(claims_with("exp", "\"exp\":" + largest)));
  CHECK_FALSE(claims_accepted(claims_with("exp", "\"exp\":" + smallest)));
  CHECK_FALSE(claims_accepted(claims_with("nbf", "\"nbf\":" + largest)));
  CHECK(claims_accepted(claims_with("nbf", "\"nbf\":" + smallest)));
  CHECK_FALSE(claims_accepted(claims_with("iat", "\"iat\":" + largest)));
  CHECK(claims_accepted(claims_with("iat", "\"iat\":" + smallest)));
  CHECK(claims_accepted(claims_with("sub", "\"sub\":" + largest)));
}

TEST_CASE("claims that are needed must be there in their type") {
  REQUIRE(claims_accepted(good_claims));
  for (const std::string_view name : {"sub", "iat", "nbf", "exp", "iss"}) {
    CAPTURE(name);
    CHECK_FALSE(claims_accepted(claims_with(name, "")));
  }
  CHECK(claims_accepted(claims_with("jti", "")));
  for (const std::string_view name : {"iat", "nbf", "exp"}) {
    for (const std::string_view value : {"null", "true", "\"1700000000\"", "1700000000.0", "1.7e9", "[1700000000]",
                                         "{}", "99999999999999999999", "\"\""}) {
      CAPTURE(name);
      CAPTURE(value);
      CHECK_FALSE(claims_accepted(claims_with(name, '"' + std::string(name) + "\":" + std::string(value))));
    }
  }
  for (const std::string_view name : {"iss", "jti", "aud"}) {
    for (const std::string_view value : {"null", "true", "1", "[]", "[\"a\"]", "{}"}) {
      const std::string member = '"' + std::string(name) + "\":" + std::string(value);
      CAPTURE(member);
      if (name == "aud") {
        CHECK_FALSE(claims_accepted("{" + member + ',' + std::string(good_claims.substr(1))));
      } else {
        CHECK_FALSE(claims_accepted(claims_with(name, member)));
      }
    }
  }
  for (const std::string_view value : {"null", "true", "\"\"", "1.5", "[17]", "{}", "99999999999999999999"}) {
    CAPTURE(value);
    CHECK_FALSE(claims_accepted(claims_with("sub", "\"sub\":" + std::string(value))));
  }
}

TEST_CASE("issuer and audience must be those expected, to the letter") {
  const std::array<const signing_key*, 1> keys = {&hs()};
  const auto fits = [&](std::string_view iss, std::string_view aud, std::string_view expected_iss,
                        std::string_view expected_aud) {
    const std::string claims = R"({"sub":"1","iat":1700000000,"nbf":1700000000,"exp":1700003600,"iss":")" +
                               std::string(iss) + R"(","aud":")" + std::string(aud) + "\"}";
    expectations expected;
    expected.iss = expected_iss;
    expected.aud = expected_aud;
    expected.now_seconds = now;
    return verify(sign(hs(), false, claims), keys, expected).has_value();
  };
  CHECK(fits("a", "b", "a", "b"));
  CHECK(fits("", "", "", ""));
  CHECK_FALSE(fits("a", "b", "a", ""));
  CHECK_FALSE(fits("a", "b", "", "b"));
  CHECK_FALSE(fits("", "b", "a", "b"));
  CHECK_FALSE(fits("a", "", "a", "b"));
  CHECK_FALSE(fits("A", "b", "a", "b"));
  CHECK_FALSE(fits("a/", "b", "a", "b"));
  CHECK_FALSE(fits("b", "a", "a", "b"));
}

TEST_CASE("the example of RFC 7515 is well signed but lacks what we ask for") {
  const std::string key_text = to_hex(from_base64url(test::rfc7515_hs256_key).value());
  const auto key = signing_key::import_private(jwt_algorithm::hs256, "rfc", key_text);
  REQUIRE(key.has_value());
  const std::string token = std::string(test::rfc7515_hs256_header) + '.' + std::string(test::rfc7515_claims) + '.' +
                            std::string(test::rfc7515_hs256_signature);
  expectations expected;
  expected.iss = "joe";
  expected.now_seconds = 1'300'819'379;
  const std::array<const signing_key*, 1> keys = {&*key};
  CHECK(verify(token, keys, expected).has_error());  // no sub, iat and nbf
}
