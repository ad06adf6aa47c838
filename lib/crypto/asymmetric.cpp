#include "crypto/asymmetric.hpp"

#include "crypto/base64.hpp"
#include "crypto/mac.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <stdexcept>

namespace smsauth::crypto {

namespace {

constexpr std::size_t p256_bytes = 32;  // of a coordinate, and of r and s

struct free_openssl {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(BIGNUM* number) const noexcept { BN_clear_free(number); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
  void operator()(PKCS8_PRIV_KEY_INFO* info) const noexcept { PKCS8_PRIV_KEY_INFO_free(info); }
};
template <class T>
using owned = std::unique_ptr<T, free_openssl>;

/// OpenSSL queues its reasons per thread, and the TLS code of this thread must not find them.
void require(bool done) {
  if (done) return;
  ERR_clear_error();
  throw std::runtime_error("OpenSSL could not use a signing key");
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

/// One part of the public key, big endian: `bytes` long, or as short as it goes for 0.
std::string number_of(const EVP_PKEY* pair, const char* name, std::size_t bytes) {
  BIGNUM* found = nullptr;
  require(EVP_PKEY_get_bn_param(pair, name, &found) == 1);
  const owned<BIGNUM> number(found);
  std::string text(bytes != 0 ? bytes : static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  require(BN_bn2binpad(number.get(), octets(text), static_cast<int>(text.size())) == static_cast<int>(text.size()));
  return text;
}

/// r | s → DER, as OpenSSL verifies it. Empty when it cannot be.
std::string der_signature(std::string_view raw) {
  const owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  owned<BIGNUM> r(BN_bin2bn(octets(raw), p256_bytes, nullptr));
  owned<BIGNUM> s(BN_bin2bn(octets(raw.substr(p256_bytes)), p256_bytes, nullptr));
  require(signature && r && s && ECDSA_SIG_set0(signature.get(), r.get(), s.get()) == 1);
  static_cast<void>(r.release());  // the signature owns both now
  static_cast<void>(s.release());
  std::string der(static_cast<std::size_t>(std::max(0, i2d_ECDSA_SIG(signature.get(), nullptr))), '\0');
  unsigned char* out = octets(der);
  require(i2d_ECDSA_SIG(signature.get(), &out) > 0);
  return der;
}

std::string raw_signature(std::string_view der) {
  const unsigned char* in = octets(der);
  const owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  require(signature != nullptr);
  std::string raw(2 * p256_bytes, '\0');
  constexpr int length = p256_bytes;
  require(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), octets(raw), length) == length);
  require(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), octets(raw) + length, length) == length);
  return raw;
}

/// One thread's context for the pair it signed with last, which it keeps alive. Making one for each signature costs a
/// fifth of an ES256 signature more.
class signer {
 public:
  signer() = default;
  signer(jwt_algorithm algorithm, EVP_PKEY* pair) : context_(EVP_PKEY_CTX_new_from_pkey(nullptr, pair, nullptr)) {
    require(context_ && EVP_PKEY_sign_init(context_.get()) == 1);
    require(algorithm == jwt_algorithm::es256 || EVP_PKEY_CTX_set_rsa_padding(context_.get(), RSA_PKCS1_PADDING) == 1);
    require(EVP_PKEY_CTX_set_signature_md(context_.get(), EVP_sha256()) == 1);
  }

  EVP_PKEY* pair() const noexcept { return context_ ? EVP_PKEY_CTX_get0_pkey(context_.get()) : nullptr; }

  std::string sign(const sha256_digest& digest) {
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(pair())), '\0');
    std::size_t length = signature.size();
    const auto* bytes = reinterpret_cast<const unsigned char*>(digest.data());
    require(EVP_PKEY_sign(context_.get(), octets(signature), &length, bytes, digest.size()) == 1);
    signature.resize(length);
    return signature;
  }

 private:
  owned<EVP_PKEY_CTX> context_;
};

bool is_usable(EVP_PKEY* pair, jwt_algorithm algorithm) {
  if (algorithm == jwt_algorithm::es256) {
    char curve[32] = {};
    if (EVP_PKEY_is_a(pair, "EC") != 1) return false;
    if (EVP_PKEY_get_group_name(pair, curve, sizeof curve, nullptr) != 1) return false;
    if (std::string_view(curve) != SN_X9_62_prime256v1) return false;
  } else {
    const int bits = EVP_PKEY_get_bits(pair);
    if (EVP_PKEY_is_a(pair, "RSA") != 1 || bits < min_rsa_bits || bits > max_rsa_bits) return false;
  }
  const owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, pair, nullptr));
  return context && EVP_PKEY_check(context.get()) == 1;
}

}  // namespace

evp_pkey_st* generate_key_pair(jwt_algorithm algorithm) {
  EVP_PKEY* pair = algorithm == jwt_algorithm::es256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(std::size_t{rsa_bits});
  require(pair != nullptr);
  return pair;
}

evp_pkey_st* read_key_pair(jwt_algorithm algorithm, std::string_view der) {
  const unsigned char* in = octets(der);
  const owned<PKCS8_PRIV_KEY_INFO> info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &in, static_cast<long>(der.size())));
  const bool whole = info && in == octets(der) + der.size();
  owned<EVP_PKEY> pair(whole ? EVP_PKCS82PKEY(info.get()) : nullptr);
  if (pair && !is_usable(pair.get(), algorithm)) pair.reset();
  if (!pair) ERR_clear_error();
  return pair.release();
}

std::string write_key_pair(const evp_pkey_st* pair) {
  const owned<PKCS8_PRIV_KEY_INFO> info(EVP_PKEY2PKCS8(pair));
  require(info != nullptr);
  std::string der(static_cast<std::size_t>(std::max(0, i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr))), '\0');
  unsigned char* out = octets(der);
  require(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &out) > 0);
  return der;
}

std::string public_jwk_members(jwt_algorithm algorithm, const evp_pkey_st* pair) {
  if (algorithm == jwt_algorithm::es256) {
    const std::string x = base64url(number_of(pair, OSSL_PKEY_PARAM_EC_PUB_X, p256_bytes));
    const std::string y = base64url(number_of(pair, OSSL_PKEY_PARAM_EC_PUB_Y, p256_bytes));
    return R"("kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + y + '"';
  }
  const std::string n = base64url(number_of(pair, OSSL_PKEY_PARAM_RSA_N, 0));
  const std::string e = base64url(number_of(pair, OSSL_PKEY_PARAM_RSA_E, 0));
  return R"("kty":"RSA","n":")" + n + R"(","e":")" + e + '"';
}

std::string asymmetric_signature(jwt_algorithm algorithm, evp_pkey_st* pair, std::string_view message) {
  thread_local signer current;
  if (current.pair() != pair) current = signer(algorithm, pair);
  const std::string signature = current.sign(sha256(message));
  return algorithm == jwt_algorithm::es256 ? raw_signature(signature) : signature;
}

bool is_asymmetric_signature(jwt_algorithm algorithm, evp_pkey_st* pair, std::string_view message,
                             std::string_view signature) {
  const bool ecdsa = algorithm == jwt_algorithm::es256;
  const std::size_t length = ecdsa ? 2 * p256_bytes : static_cast<std::size_t>(EVP_PKEY_get_size(pair));
  if (signature.size() != length) return false;
  const std::string given = ecdsa ? der_signature(signature) : std::string(signature);
  const owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  require(context && EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, pair, nullptr) == 1);
  const bool good = EVP_DigestVerify(context.get(), octets(given), given.size(), octets(message), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace smsauth::crypto
