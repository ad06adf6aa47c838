#include "crypto/mac.hpp"

#include "crypto/hex.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdint>
#include <memory>
#include <stdexcept>

namespace smsauth::crypto {

namespace {

/// Never what OpenSSL queued as its error: nothing of a secret may reach a log.
void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not hash");
}

struct free_digest {
  void operator()(EVP_MD* digest) const noexcept { EVP_MD_free(digest); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(EVP_MAC* mac) const noexcept { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};

/// One thread's hash context.
class hash_context {
 public:
  hash_context() : digest_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    require(digest_ != nullptr && context_ != nullptr);
  }

  sha256_digest hash(std::string_view data) {
    sha256_digest out;
    unsigned int written = 0;
    require(EVP_DigestInit_ex2(context_.get(), digest_.get(), nullptr) == 1);
    require(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1);
    require(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), &written) == 1);
    require(written == out.size());
    return out;
  }

 private:
  std::unique_ptr<EVP_MD, free_digest> digest_;
  std::unique_ptr<EVP_MD_CTX, free_digest> context_;
};

/// One thread's HMAC context. It keeps the last key until the next one, or until the thread ends and OpenSSL wipes it.
class mac_context {
 public:
  mac_context() : mac_(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr)) {
    require(mac_ != nullptr);
    context_.reset(EVP_MAC_CTX_new(mac_.get()));
    char digest_name[] = "SHA256";  // the parameter wants a mutable pointer
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
                                     OSSL_PARAM_construct_end()};
    require(context_ != nullptr && EVP_MAC_CTX_set_params(context_.get(), parameters) == 1);
  }

  void begin(std::span<const std::byte> key) {
    if (key.empty()) throw std::logic_error("HMAC with an empty key");
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
    require(EVP_MAC_init(context_.get(), bytes, key.size(), nullptr) == 1);
  }

  void update(std::string_view data) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
    require(data.empty() || EVP_MAC_update(context_.get(), bytes, data.size()) == 1);
  }

  sha256_digest finish() {
    sha256_digest out;
    std::size_t written = 0;
    auto* bytes = reinterpret_cast<unsigned char*>(out.data());
    require(EVP_MAC_final(context_.get(), bytes, &written, out.size()) == 1 && written == out.size());
    return out;
  }

 private:
  std::unique_ptr<EVP_MAC, free_digest> mac_;
  std::unique_ptr<EVP_MAC_CTX, free_digest> context_;
};

mac_context& this_threads_mac() {
  thread_local mac_context context;
  return context;
}

std::array<char, sizeof(std::uint64_t)> big_endian(std::uint64_t number) {
  std::array<char, sizeof(std::uint64_t)> bytes{};
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    *byte = static_cast<char>(number & 0xff);
    number >>= 8;
  }
  return bytes;
}

}  // namespace

sha256_digest sha256(std::string_view data) {
  thread_local hash_context context;
  return context.hash(data);
}

std::string sha256_hex(std::string_view data) {
  return to_hex(sha256(data));
}

sha256_digest hmac_sha256(std::span<const std::byte> key, std::string_view data) {
  mac_context& mac = this_threads_mac();
  mac.begin(key);
  mac.update(data);
  return mac.finish();
}

std::string hmac_sha256_hex(std::span<const std::byte> key, std::initializer_list<std::string_view> parts) {
  mac_context& mac = this_threads_mac();
  mac.begin(key);
  for (const std::string_view part : parts) {
    const auto length = big_endian(part.size());
    mac.update(std::string_view(length.data(), length.size()));
    mac.update(part);
  }
  return to_hex(mac.finish());
}

sha256_digest hkdf_sha256(std::span<const std::byte> input_key, std::span<const std::byte> salt,
                          std::string_view info) {
  constexpr sha256_digest zeros{};
  const std::string_view input(reinterpret_cast<const char*>(input_key.data()), input_key.size());
  sha256_digest extracted = hmac_sha256(salt.empty() ? std::span<const std::byte>(zeros) : salt, input);

  // Expand: 32 bytes of output are the first block alone, T(1) = HMAC(PRK, info | 0x01).
  mac_context& mac = this_threads_mac();
  mac.begin(extracted);
  OPENSSL_cleanse(extracted.data(), extracted.size());
  mac.update(info);
  mac.update(std::string_view("\x01", 1));
  return mac.finish();
}

}  // namespace smsauth::crypto
