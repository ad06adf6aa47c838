#include "crypto/equal.hpp"

#include <openssl/crypto.h>

namespace smsauth::crypto {

bool equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace smsauth::crypto
