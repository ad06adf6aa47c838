#include "crypto/seal.hpp"

#include "crypto/hex.hpp"
#include "crypto/random.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace smsauth::crypto {

namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not encrypt or decrypt");
}

const unsigned char* octets(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}
unsigned char* octets(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}

struct free_cipher {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

/// One thread's cipher context, kept because fetching the cipher costs more than sealing a message. It holds the last
/// key's schedule until the next one, or until the thread ends and OpenSSL wipes it.
class cipher_context {
 public:
  cipher_context() : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)), context_(EVP_CIPHER_CTX_new()) {
    require(cipher_ != nullptr && context_ != nullptr);
  }

  /// `out` must have room for the plain text.
  void encrypt(const sub_key& key, const char* nonce, std::string_view plain, std::string_view associated, char* out,
               char* tag) {
    begin(key, nonce, associated, 1);
    int written = 0;
    EVP_CIPHER_CTX* context = context_.get();
    require(plain.empty() || EVP_EncryptUpdate(context, octets(out), &written, octets(plain.data()),
                                               static_cast<int>(plain.size())) == 1);
    require(static_cast<std::size_t>(written) == plain.size());
    require(EVP_EncryptFinal_ex(context, octets(out) + written, &written) == 1 && written == 0);
    require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_bytes, tag) == 1);
  }

  /// False when the tag does not fit; then `out` holds text that nobody may use.
  bool decrypt(const sub_key& key, const char* nonce, std::string_view cipher_text, std::string_view associated,
               char* out, char* tag) {
    begin(key, nonce, associated, 0);
    int written = 0;
    EVP_CIPHER_CTX* context = context_.get();
    require(cipher_text.empty() || EVP_DecryptUpdate(context, octets(out), &written, octets(cipher_text.data()),
                                                     static_cast<int>(cipher_text.size())) == 1);
    require(static_cast<std::size_t>(written) == cipher_text.size());
    require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag) == 1);
    return EVP_DecryptFinal_ex(context, octets(out) + written, &written) == 1;
  }

 private:
  void begin(const sub_key& key, const char* nonce, std::string_view associated, int encrypting) {
    const auto* key_octets = reinterpret_cast<const unsigned char*>(key.bytes().data());
    require(EVP_CipherInit_ex2(context_.get(), cipher_.get(), key_octets, octets(nonce), encrypting, nullptr) == 1);
    int written = 0;
    require(associated.empty() || EVP_CipherUpdate(context_.get(), nullptr, &written, octets(associated.data()),
                                                   static_cast<int>(associated.size())) == 1);
  }

  std::unique_ptr<EVP_CIPHER, free_cipher> cipher_;
  std::unique_ptr<EVP_CIPHER_CTX, free_cipher> context_;
};

cipher_context& this_threads_cipher() {
  thread_local cipher_context context;
  return context;
}

}  // namespace

std::string seal(const sub_key& key, std::string_view plain, std::string_view associated) {
  if (plain.size() > max_sealed_text_bytes || associated.size() > max_sealed_text_bytes) {
    throw std::length_error("text too long to seal");
  }
  std::string sealed(nonce_bytes + plain.size() + tag_bytes, '\0');
  char* const nonce = sealed.data();
  char* const cipher_text = nonce + nonce_bytes;
  random_bytes(std::as_writable_bytes(std::span(nonce, nonce_bytes)));
  this_threads_cipher().encrypt(key, nonce, plain, associated, cipher_text, cipher_text + plain.size());
  return to_hex(sealed);
}

std::optional<std::string> open(const sub_key& key, std::string_view sealed_hex, std::string_view associated) {
  constexpr std::size_t overhead = nonce_bytes + tag_bytes;
  if (sealed_hex.size() > 2 * (max_sealed_text_bytes + overhead) || associated.size() > max_sealed_text_bytes) {
    return std::nullopt;
  }
  auto sealed = from_hex(sealed_hex);
  if (!sealed || sealed->size() < overhead) return std::nullopt;
  const std::string_view cipher_text = std::string_view(*sealed).substr(nonce_bytes, sealed->size() - overhead);
  char* const tag = sealed->data() + nonce_bytes + cipher_text.size();
  std::string plain(cipher_text.size(), '\0');
  if (!this_threads_cipher().decrypt(key, sealed->data(), cipher_text, associated, plain.data(), tag)) {
    OPENSSL_cleanse(plain.data(), plain.size());
    return std::nullopt;
  }
  return plain;
}

}  // namespace smsauth::crypto
