#include "store/grant_store.hpp"

#include "store/purge.hpp"

namespace smsauth::store::grants {

namespace {

constexpr sql upsert_reset{"reset_grant.record",
                           "INSERT INTO reset_grant (phone, token_hash, client_hash, device_id, expires_at, used) "
                           "VALUES (:p1, :p2, :p3, :p4, :p5, 0) "
                           "ON CONFLICT (phone) DO UPDATE SET token_hash = excluded.token_hash, client_hash = "
                           "excluded.client_hash, device_id = "
                           "excluded.device_id, expires_at = excluded.expires_at, used = 0",
                           "INSERT INTO reset_grant (phone, token_hash, client_hash, device_id, expires_at, used) "
                           "VALUES (:p1, :p2, :p3, :p4, :p5, 0) "
                           "ON DUPLICATE KEY UPDATE token_hash = VALUES(token_hash), client_hash = "
                           "VALUES(client_hash), device_id = VALUES(device_id), "
                           "expires_at = VALUES(expires_at), used = 0"};
constexpr sql take_reset_token{
    "reset_grant.use_token",
    "UPDATE reset_grant SET used = 1 WHERE phone = :p1 AND token_hash = :p2 AND used = 0 AND expires_at > :p3"};
constexpr sql take_reset_client{
    "reset_grant.use_client",
    "UPDATE reset_grant SET used = 1 WHERE phone = :p1 AND client_hash = :p2 AND used = 0 AND expires_at > :p3"};
constexpr sql delete_reset{"reset_grant.void", "DELETE FROM reset_grant WHERE phone = :p1"};

constexpr sql upsert_rebind{
    "rebind_proof.record",
    "INSERT INTO rebind_proof (uid, session_id, phone, expires_at, used) VALUES (:p1, :p2, :p3, :p4, 0) "
    "ON CONFLICT (uid) DO UPDATE SET session_id = excluded.session_id, phone = excluded.phone, expires_at = "
    "excluded.expires_at, "
    "used = 0",
    "INSERT INTO rebind_proof (uid, session_id, phone, expires_at, used) VALUES (:p1, :p2, :p3, :p4, 0) "
    "ON DUPLICATE KEY UPDATE session_id = VALUES(session_id), phone = VALUES(phone), expires_at = VALUES(expires_at), "
    "used = 0"};
constexpr sql select_rebind{
    "rebind_proof.find",
    "SELECT COUNT(*) FROM rebind_proof WHERE uid = :p1 AND session_id = :p2 AND phone = :p3 AND used = 0 AND "
    "expires_at > :p4"};
constexpr sql take_rebind{
    "rebind_proof.use",
    "UPDATE rebind_proof SET used = 1 WHERE uid = :p1 AND session_id = :p2 AND phone = :p3 AND used = 0 AND "
    "expires_at > :p4"};

constexpr sql insert_bind_token{
    "bind_token.record", "INSERT INTO bind_token (token_hash, phone, expires_at, used) VALUES (:p1, :p2, :p3, 0)"};
constexpr sql take_bind_token{
    "bind_token.use", "UPDATE bind_token SET used = 1 WHERE token_hash = :p1 AND used = 0 AND expires_at > :p2"};
constexpr sql select_bind_token{"bind_token.phone", "SELECT phone FROM bind_token WHERE token_hash = :p1"};
constexpr sql select_keys{"bind_token.keys",
                          "SELECT token_hash FROM bind_token WHERE token_hash > :p1 ORDER BY token_hash LIMIT :p2"};
constexpr sql delete_range{"bind_token.purge",
                           "DELETE FROM bind_token WHERE token_hash > :p1 AND token_hash <= :p2 AND expires_at < :p3"};

constexpr sql reset_grant_keys{"reset_grant.keys",
                               "SELECT phone FROM reset_grant WHERE phone > :p1 ORDER BY phone LIMIT :p2"};
constexpr sql purge_reset_grant{"reset_grant.purge",
                                "DELETE FROM reset_grant WHERE phone > :p1 AND phone <= :p2 AND expires_at < :p3"};

}  // namespace

void record_reset(transaction& in, std::string_view phone, std::string_view token_hash, std::string_view client_hash,
                  std::string_view device_id, core::epoch_ms expires_at) {
  in.execute(upsert_reset, phone, token_hash, client_hash, device_id, expires_at);
}

bool use_reset_by_token(transaction& in, std::string_view phone, std::string_view token_hash, core::epoch_ms now) {
  return in.execute(take_reset_token, phone, token_hash, now) == 1;
}

bool use_reset_by_client(transaction& in, std::string_view phone, std::string_view client_hash, core::epoch_ms now) {
  return in.execute(take_reset_client, phone, client_hash, now) == 1;
}

void void_reset(transaction& in, std::string_view phone) {
  in.execute(delete_reset, phone);
}

void record_rebind(transaction& in, std::int64_t uid, std::string_view session_id, std::string_view phone,
                   core::epoch_ms expires_at) {
  in.execute(upsert_rebind, uid, session_id, phone, expires_at);
}

bool has_rebind(transaction& in, std::int64_t uid, std::string_view session_id, std::string_view phone,
                core::epoch_ms now) {
  const auto row = in.row<std::tuple<int_column>>(select_rebind, uid, session_id, phone, now);
  return row && std::get<0>(*row) == 1;
}

bool use_rebind(transaction& in, std::int64_t uid, std::string_view session_id, std::string_view phone,
                core::epoch_ms now) {
  return in.execute(take_rebind, uid, session_id, phone, now) == 1;
}

void record_bind_token(transaction& in, std::string_view token_hash, std::string_view phone,
                       core::epoch_ms expires_at) {
  in.execute(insert_bind_token, token_hash, phone, expires_at);
}

std::optional<std::string> use_bind_token(transaction& in, std::string_view token_hash, core::epoch_ms now) {
  if (in.execute(take_bind_token, token_hash, now) != 1) return std::nullopt;
  const auto row = in.row<std::tuple<text_column>>(select_bind_token, token_hash);
  if (!row) return std::nullopt;
  return std::get<0>(*row);
}

std::string purge_bind_tokens_after(transaction& in, std::string_view after, core::epoch_ms now, std::int64_t limit) {
  const auto keys = in.rows<std::tuple<text_column>>(select_keys, after, limit);
  if (keys.empty()) return {};
  std::string last = std::get<0>(keys.back());
  in.execute(delete_range, after, last, now);
  return last;
}

std::string purge_resets_after(transaction& in, std::string_view after, core::epoch_ms now, std::int64_t limit) {
  return purge::key_range(in, reset_grant_keys, purge_reset_grant, after, now, limit);
}

}  // namespace smsauth::store::grants
