#include "crypto/random_pool.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace smsauth::crypto {

random_pool::~random_pool() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

void random_pool::take(std::span<std::byte> out) {
  if (out.size() > pool_bytes / 2) return source_(out);
  if (out.size() > pool_bytes - used_) {
    used_ = pool_bytes;  // should the source throw, the pool stays empty
    source_(bytes_);
    used_ = 0;
  }
  const std::span<std::byte> from = std::span(bytes_).subspan(used_, out.size());
  std::copy(from.begin(), from.end(), out.begin());
  OPENSSL_cleanse(from.data(), from.size());
  used_ += out.size();
}

}  // namespace smsauth::crypto
