#include "crypto/password.hpp"

#include "crypto/equal.hpp"
#include "crypto/phc.hpp"
#include "crypto/random.hpp"

#include <argon2.h>
#include <sodium.h>

#include <new>
#include <span>
#include <stdexcept>

namespace smsauth::crypto {

namespace {

constexpr std::size_t our_salt_bytes = 16;
constexpr std::size_t our_tag_bytes = 32;
static_assert(our_salt_bytes == crypto_pwhash_argon2id_SALTBYTES);
static_assert(min_tag_bytes >= crypto_pwhash_argon2id_BYTES_MIN);

/// Chooses the vector instructions, once per process.
void start_sodium() {
  static const int started = sodium_init();
  if (started < 0) throw std::runtime_error("libsodium did not start");
}

std::string tag_by_sodium(std::string_view password, std::string_view salt, const argon2_parameters& parameters,
                          std::size_t tag_bytes) {
  start_sodium();
  std::string tag(tag_bytes, '\0');
  const std::size_t memory_bytes = std::size_t{parameters.memory_kib} * 1024;
  const int status = crypto_pwhash_argon2id(reinterpret_cast<unsigned char*>(tag.data()), tag.size(), password.data(),
                                            password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                                            parameters.iterations, memory_bytes, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (status != 0) throw std::bad_alloc();  // every other reason was excluded by is_acceptable
  return tag;
}

std::string tag_by_libargon2(std::string_view password, std::string_view salt, const argon2_parameters& parameters,
                             std::size_t tag_bytes) {
  std::string tag(tag_bytes, '\0');
  const int status =
      argon2id_hash_raw(parameters.iterations, parameters.memory_kib, parameters.parallelism, password.data(),
                        password.size(), salt.data(), salt.size(), tag.data(), tag.size());
  if (status == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (status != ARGON2_OK) throw std::runtime_error("libargon2 failed");  // no thread to be had
  return tag;
}

/// The parameters must be acceptable and the password no longer than max_password_bytes.
std::string argon2id_tag(std::string_view password, std::string_view salt, const argon2_parameters& parameters,
                         std::size_t tag_bytes) {
  const bool sodium_can = parameters.parallelism == 1 && salt.size() == crypto_pwhash_argon2id_SALTBYTES;
  return sodium_can ? tag_by_sodium(password, salt, parameters, tag_bytes)
                    : tag_by_libargon2(password, salt, parameters, tag_bytes);
}

void require_usable(std::string_view password, const argon2_parameters& parameters) {
  if (!is_acceptable(parameters)) throw std::invalid_argument("Argon2 parameters out of range");
  if (password.size() > max_password_bytes) throw std::invalid_argument("password too long to hash");
}

}  // namespace

std::string hash_password(std::string_view password, const argon2_parameters& parameters) {
  require_usable(password, parameters);
  std::string salt(our_salt_bytes, '\0');
  random_bytes(std::as_writable_bytes(std::span(salt)));
  std::string tag = argon2id_tag(password, salt, parameters, our_tag_bytes);
  const phc_hash hash{parameters, std::move(salt), std::move(tag)};
  return write_phc(hash);
}

bool verify_password(std::string_view password, std::string_view phc) {
  const auto stored = parse_phc(phc);
  if (!stored || password.size() > max_password_bytes) return false;
  const std::string tag = argon2id_tag(password, stored->salt, stored->parameters, stored->tag.size());
  return equal(tag, stored->tag);
}

bool needs_rehash(std::string_view phc, const argon2_parameters& parameters) {
  const auto stored = parse_phc(phc);
  return !stored || stored->parameters != parameters || stored->salt.size() != our_salt_bytes ||
         stored->tag.size() != our_tag_bytes;
}

void burn_password_time(std::string_view password, const argon2_parameters& parameters) {
  require_usable(password, parameters);
  const std::string salt(our_salt_bytes, '\0');
  argon2id_tag(password, salt, parameters, our_tag_bytes);
}

}  // namespace smsauth::crypto
