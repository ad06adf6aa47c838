#include "crypto/signing_key.hpp"

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "crypto/rfc7515_keys.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <string>
#include <string_view>

using namespace smsauth;
using namespace smsauth::crypto;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr jwt_algorithm all_algorithms[] = {jwt_algorithm::hs256, jwt_algorithm::rs256, jwt_algorithm::es256};

std::string rfc7515_key(jwt_algorithm algorithm) {
  if (algorithm == jwt_algorithm::rs256) return std::string(test::rfc7515_rs256_key);
  if (algorithm == jwt_algorithm::es256) return std::string(test::rfc7515_es256_key);
  return to_hex(from_base64url(test::rfc7515_hs256_key).value());
}

signing_key imported(jwt_algorithm algorithm) {
  auto key = signing_key::import_private(algorithm, "rfc", rfc7515_key(algorithm));
  REQUIRE(key.has_value());
  return std::move(*key);
}

std::string signing_input(std::string_view header) {
  return std::string(header) + '.' + std::string(test::rfc7515_claims);
}

/// PKCS #8 hex of a fresh OpenSSL key.
std::string exported(EVP_PKEY* key) {
  REQUIRE(key != nullptr);
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key);
  unsigned char* der = nullptr;
  const int length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  REQUIRE(length > 0);
  std::string text = to_hex(std::string_view(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length)));
  OPENSSL_free(der);
  PKCS8_PRIV_KEY_INFO_free(info);
  EVP_PKEY_free(key);
  return text;
}

/// An RSA key that may sign with the other padding only.
EVP_PKEY* rsa_pss_key() {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr);
  REQUIRE(EVP_PKEY_keygen_init(context) == 1);
  EVP_PKEY* key = nullptr;
  REQUIRE(EVP_PKEY_generate(context, &key) == 1);
  EVP_PKEY_CTX_free(context);
  return key;
}

void refuse(jwt_algorithm algorithm, std::string_view text) {
  CAPTURE(text.substr(0, 80));
  const auto key = signing_key::import_private(algorithm, "k", text);
  REQUIRE(key.has_error());
  CHECK(key.error() == core::failure(core::errc::invalid_field));
}

}  // namespace

TEST_CASE("HS256 and RS256 sign the examples of RFC 7515 appendix A.1 and A.2 to the byte") {
  const signing_key hs = imported(jwt_algorithm::hs256);
  CHECK(base64url(hs.signature_of(signing_input(test::rfc7515_hs256_header))) == test::rfc7515_hs256_signature);
  const signing_key rs = imported(jwt_algorithm::rs256);
  CHECK(base64url(rs.signature_of(signing_input(test::rfc7515_rs256_header))) == test::rfc7515_rs256_signature);
}

TEST_CASE("ES256 knows the signature of RFC 7515 appendix A.3, and signs anew each time") {
  const signing_key key = imported(jwt_algorithm::es256);
  const std::string message = signing_input(test::rfc7515_es256_header);
  const std::string signature = from_base64url(test::rfc7515_es256_signature).value();
  CHECK(key.has_signed(message, signature));
  CHECK(key.signature_of(message) != key.signature_of(message));
}

TEST_CASE("every key knows its own signatures and no changed ones") {
  for (const jwt_algorithm algorithm : all_algorithms) {
    CAPTURE(to_string(algorithm));
    const signing_key key = imported(algorithm);
    const std::string signature = key.signature_of("message");
    CHECK(key.has_signed("message", signature));
    CHECK_FALSE(key.has_signed("messagf", signature));
    CHECK_FALSE(key.has_signed("", signature));
    CHECK_FALSE(key.has_signed("message", ""));
    CHECK_FALSE(key.has_signed("message", signature + '\0'));
    CHECK_FALSE(key.has_signed("message", '\0' + signature));
    CHECK_FALSE(key.has_signed("message", signature.substr(1)));
    CHECK_FALSE(key.has_signed("message", std::string(signature.size(), '\0')));
    CHECK_FALSE(key.has_signed("message", std::string(signature.size(), '\xff')));
    for (std::size_t at = 0; at < signature.size(); ++at) {
      std::string changed = signature;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      CHECK_FALSE(key.has_signed("message", changed));
    }
  }
}

TEST_CASE("ES256 signatures are 64 bytes also when r or s is short") {
  const signing_key key = imported(jwt_algorithm::es256);
  bool padded = false;  // one in 128 begins r or s with a zero byte
  for (int i = 0; i < 3000; ++i) {
    const std::string message = std::to_string(i);
    const std::string signature = key.signature_of(message);
    REQUIRE(signature.size() == 64);
    if (signature[0] != '\0' && signature[32] != '\0') continue;
    padded = true;
    CHECK(key.has_signed(message, signature));
  }
  CHECK(padded);
}

TEST_CASE("ES256 does not take a signature with r or s zero (CVE-2022-21449)") {
  const signing_key key = imported(jwt_algorithm::es256);
  const std::string good = key.signature_of("message");
  const std::string zero(32, '\0');
  CHECK_FALSE(key.has_signed("message", zero + zero));
  CHECK_FALSE(key.has_signed("message", good.substr(0, 32) + zero));
  CHECK_FALSE(key.has_signed("message", zero + good.substr(32)));
}

TEST_CASE("ES256 does not take a DER signature") {
  const signing_key key = imported(jwt_algorithm::es256);
  const std::string good = key.signature_of("message");
  CHECK_FALSE(key.has_signed("message", "\x30\x44\x02\x20" + good.substr(0, 32) + "\x02\x20" + good.substr(32)));
}

TEST_CASE("a generated key survives export and import") {
  for (const jwt_algorithm algorithm : all_algorithms) {
    CAPTURE(to_string(algorithm));
    const signing_key key = signing_key::generate(algorithm, "2026-01_a");
    CHECK(key.algorithm() == algorithm);
    CHECK(key.kid() == "2026-01_a");
    const auto again = signing_key::import_private(algorithm, key.kid(), key.export_private());
    REQUIRE(again.has_value());
    CHECK(again->has_signed("message", key.signature_of("message")));
    CHECK(again->export_private() == key.export_private());
    CHECK_FALSE(signing_key::generate(algorithm, "other").has_signed("message", key.signature_of("message")));
  }
}

TEST_CASE("keys can be moved, also onto others") {
  signing_key first = signing_key::generate(jwt_algorithm::hs256, "one");
  const std::string signature = first.signature_of("message");
  signing_key second = std::move(first);
  CHECK(second.has_signed("message", signature));
  signing_key third = imported(jwt_algorithm::es256);
  third = std::move(second);
  CHECK(third.algorithm() == jwt_algorithm::hs256);
  CHECK(third.kid() == "one");
  CHECK(third.has_signed("message", signature));
}

TEST_CASE("the public half is shown as a JWK and the private half is not") {
  CHECK(imported(jwt_algorithm::es256).public_jwk() ==
        R"({"kty":"EC","crv":"P-256","x":")"s + std::string(test::rfc7515_es256_x) + R"(","y":")" +
            std::string(test::rfc7515_es256_y) + R"(","kid":"rfc","use":"sig","alg":"ES256"})");
  CHECK(imported(jwt_algorithm::rs256).public_jwk() == R"({"kty":"RSA","n":")"s +
                                                           std::string(test::rfc7515_rs256_modulus) +
                                                           R"(","e":"AQAB","kid":"rfc","use":"sig","alg":"RS256"})");
  CHECK_THROWS_AS(imported(jwt_algorithm::hs256).public_jwk(), std::logic_error);
}

TEST_CASE("a kid is 1 to 64 letters, digits, underscores and hyphens") {
  for (const auto good : {"a"sv, "A-z_0"sv, "-"sv})
    CHECK(is_kid(good));
  CHECK(is_kid(std::string(64, 'k')));
  CHECK_FALSE(is_kid(std::string(65, 'k')));
  for (const auto bad :
       {""sv, " "sv, "a b"sv, "a.b"sv, "../a"sv, "a/b"sv, "a\0"sv, "\0"sv, "a\n"sv, "é"sv, "a'"sv, "a\""sv}) {
    CAPTURE(bad);
    CHECK_FALSE(is_kid(bad));
    CHECK_THROWS_AS(signing_key::generate(jwt_algorithm::hs256, bad), std::invalid_argument);
    CHECK(signing_key::import_private(jwt_algorithm::es256, bad, test::rfc7515_es256_key).has_error());
  }
}

TEST_CASE("a key is not taken for another algorithm") {
  for (const jwt_algorithm kind : {jwt_algorithm::rs256, jwt_algorithm::es256}) {
    for (const jwt_algorithm claimed : all_algorithms) {
      if (claimed != kind) refuse(claimed, rfc7515_key(kind));
    }
    refuse(kind, rfc7515_key(jwt_algorithm::hs256));
  }
}

TEST_CASE("a shared key must be long and unguessable") {
  const std::string key = rfc7515_key(jwt_algorithm::hs256);
  refuse(jwt_algorithm::hs256, "");
  refuse(jwt_algorithm::hs256, "secret");
  refuse(jwt_algorithm::hs256, key.substr(0, 62));
  refuse(jwt_algorithm::hs256, std::string(64, '0'));
  refuse(jwt_algorithm::hs256, to_hex("a shared key that somebody typed on a keyboard"sv));
  refuse(jwt_algorithm::hs256, key + key + key);
  CHECK(signing_key::import_private(jwt_algorithm::hs256, "k", key.substr(0, 64)).has_value());
}

TEST_CASE("a key pair that is broken, weak or of another kind is refused") {
  for (const jwt_algorithm algorithm : {jwt_algorithm::rs256, jwt_algorithm::es256}) {
    const std::string good = rfc7515_key(algorithm);
    for (const std::string& text : {""s, "00"s, "zz"s, good.substr(2), good.substr(0, good.size() - 2), good + "00"}) {
      refuse(algorithm, text);
    }
  }
  refuse(jwt_algorithm::rs256, exported(EVP_RSA_gen(std::size_t{1024})));
  refuse(jwt_algorithm::rs256, exported(rsa_pss_key()));
  refuse(jwt_algorithm::es256, exported(EVP_EC_gen("P-384")));
  refuse(jwt_algorithm::es256, exported(EVP_EC_gen("secp256k1")));
  refuse(jwt_algorithm::es256, exported(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
  // A private number that does not belong to the public point.
  std::string mixed = rfc7515_key(jwt_algorithm::es256);
  const std::size_t at = mixed.find("8e9b109e");
  REQUIRE(at != std::string::npos);
  mixed[at + 7] = 'f';
  refuse(jwt_algorithm::es256, mixed);
}
