// A self-signed certificate and its key, made anew in each run, and a server's TLS context with them.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace smsauth::test {

class tls_credentials {
 public:
  /// `names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1".
  explicit tls_credentials(const std::string& names) {
    key_ = EVP_EC_gen("P-256");
    certificate_ = X509_new();
    context_ = SSL_CTX_new(TLS_server_method());
    constexpr long hour = 3600;
    constexpr long version_3 = 2;
    X509_set_version(certificate_, version_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -hour);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), hour);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* const name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
    if (X509_sign(certificate_, key_, EVP_sha256()) == 0 || SSL_CTX_use_certificate(context_, certificate_) != 1 ||
        SSL_CTX_use_PrivateKey(context_, key_) != 1)
      throw std::runtime_error("no certificate");
  }
  ~tls_credentials() {
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  tls_credentials(const tls_credentials&) = delete;
  tls_credentials& operator=(const tls_credentials&) = delete;

  SSL_CTX* server() const noexcept { return context_; }

  /// The certificate in PEM, for who shall trust it.
  void write_to(const std::filesystem::path& path) const {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    if (file == nullptr) throw std::runtime_error("no certificate file");
    PEM_write_X509(file, certificate_);
    std::fclose(file);
  }

 private:
  EVP_PKEY* key_ = nullptr;
  X509* certificate_ = nullptr;
  SSL_CTX* context_ = nullptr;
};

}  // namespace smsauth::test
