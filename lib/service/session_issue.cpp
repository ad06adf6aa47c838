#include "service/session_issue.hpp"

#include "crypto/equal.hpp"
#include "crypto/jwt.hpp"
#include "crypto/mac.hpp"
#include "crypto/random.hpp"

#include <algorithm>
#include <charconv>

namespace smsauth::service {

namespace {

constexpr std::size_t id_digits = 32;
constexpr std::size_t generation_digits = 8;
constexpr std::size_t mac_digits = 64;

bool has_refresh_token(core::dialect dialect) {
  return dialect == core::dialect::discuzq;
}

std::string new_secret(core::dialect dialect) {
  return dialect == core::dialect::module ? crypto::random_alphanumeric(16) : crypto::random_hex(16);
}

std::string padded_hex(std::int64_t value) {
  char digits[17];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  const auto length = static_cast<std::size_t>(end - digits);
  return std::string(generation_digits - std::min(generation_digits, length), '0') + std::string(digits, length);
}

const crypto::signing_key& signer(const token_keys& keys, crypto::jwt_algorithm algorithm, core::epoch_ms now) {
  const crypto::signing_key* key = keys.signer(algorithm, now);
  if (key == nullptr) throw std::logic_error("no signing key");  // keyring::load made one at start
  return *key;
}

std::string module_access_token(const context& shared, std::string_view jti, std::int64_t uid, core::epoch_ms now) {
  const std::int64_t seconds = now / core::ms_per_second;
  const auto keys = shared.keys.tokens();
  std::string claims = R"({"sub":)" + std::to_string(uid) + R"(,"iss":")" + shared.config.public_url +
                       shared.config.module_prefix + R"(/register","iat":)" + std::to_string(seconds) + R"(,"exp":)" +
                       std::to_string(seconds + shared.config.sessions.module_access_seconds) + R"(,"nbf":)" +
                       std::to_string(seconds) + R"(,"jti":")" + std::string(jti) + R"("})";
  return crypto::sign(signer(*keys, crypto::jwt_algorithm::hs256, now), false, claims);
}

std::string refresh_mac(const context& shared, std::string_view session_id, std::string_view generation) {
  return crypto::hmac_sha256_hex(shared.keys.refresh_mac().bytes(), {session_id, generation});
}

}  // namespace

std::int64_t access_seconds(core::dialect dialect, const core::session_limits& limits) noexcept {
  switch (dialect) {
    case core::dialect::discuzq:
      return limits.discuzq_access_seconds;
    case core::dialect::v4:
      return limits.v4_access_seconds;
    case core::dialect::smssend:
      return limits.smssend_access_seconds;
    case core::dialect::module:
      return limits.module_access_seconds;
  }
  return limits.module_access_seconds;
}

std::string session_id_of(core::dialect dialect, std::string_view secret) {
  if (dialect == core::dialect::discuzq) return std::string(secret.substr(0, id_digits));
  return crypto::sha256_hex(secret).substr(0, id_digits);
}

std::string discuzq_access_token(const context& shared, std::string_view session_id, std::int64_t uid, bool refreshed,
                                 core::epoch_ms now) {
  const std::int64_t seconds = now / core::ms_per_second;
  const auto algorithm = shared.config.discuzq_rs256 ? crypto::jwt_algorithm::rs256 : crypto::jwt_algorithm::es256;
  const auto keys = shared.keys.tokens();
  const std::string claims = R"({"aud":"","jti":")" + std::string(session_id) + crypto::random_hex(24) + R"(","iat":)" +
                             std::to_string(seconds) + R"(,"nbf":)" + std::to_string(seconds) + R"(,"exp":)" +
                             std::to_string(seconds + shared.config.sessions.discuzq_access_seconds) + R"(,"sub":")" +
                             std::to_string(uid) + R"(","scopes":)" + (refreshed ? "[]" : "[null]") + "}";
  return crypto::sign(signer(*keys, algorithm, now), true, claims);
}

std::string make_refresh_token(const context& shared, std::string_view session_id, std::int64_t generation) {
  const std::string number = padded_hex(generation);
  return std::string(session_id) + number + refresh_mac(shared, session_id, number);
}

core::result<refresh_parts> read_refresh_token(const context& shared, std::string_view token) {
  if (token.size() != id_digits + generation_digits + mac_digits) return core::errc::invalid_refresh_token;
  const std::string_view id = token.substr(0, id_digits);
  const std::string_view number = token.substr(id_digits, generation_digits);
  if (!crypto::equal(refresh_mac(shared, id, number), token.substr(id_digits + generation_digits))) {
    return core::errc::invalid_refresh_token;
  }
  refresh_parts parts;
  parts.session_id = id;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), parts.generation, 16);
  if (read.ec != std::errc{} || read.ptr != number.data() + number.size()) return core::errc::invalid_refresh_token;
  return parts;
}

session_issue::session_issue(const context& shared, const caller& who, std::string_view device_id, core::epoch_ms now)
    : shared_(shared), dialect_(who.dialect), now_(now), secret_(new_secret(who.dialect)) {
  const core::session_limits& limits = shared.config.sessions;
  row_.id = session_id_of(dialect_, secret_);
  row_.dialect = core::to_string(dialect_);
  row_.device_id = device_id;
  row_.address = who.address;
  row_.created_at = now;
  row_.access_expires_at = now + access_seconds(dialect_, limits) * core::ms_per_second;
  row_.refresh_rotated_at = now;
  if (has_refresh_token(dialect_)) {
    row_.refresh_generation = 1;
    row_.refresh_hash = crypto::sha256_hex(make_refresh_token(shared, row_.id, row_.refresh_generation));
    row_.refresh_expires_at = now + limits.refresh_seconds * core::ms_per_second;
  }
}

store::gathered<store::sessions::session_insert> session_issue::record(store::transaction& in,
                                                                       const core::account& owner) {
  row_.uid = owner.uid;
  row_.epoch = owner.session_epoch;
  return store::sessions::create(in, row_);
}

token_set session_issue::tokens(const core::account& owner) const {
  token_set made;
  made.expires_in_seconds = access_seconds(dialect_, shared_.config.sessions);
  switch (dialect_) {
    case core::dialect::discuzq:
      made.access_token = discuzq_access_token(shared_, row_.id, owner.uid, false, now_);
      made.refresh_token = make_refresh_token(shared_, row_.id, row_.refresh_generation);
      break;
    case core::dialect::module:
      made.access_token = module_access_token(shared_, secret_, owner.uid, now_);
      break;
    case core::dialect::v4:
    case core::dialect::smssend:
      made.access_token = secret_;
      break;
  }
  return made;
}

}  // namespace smsauth::service
