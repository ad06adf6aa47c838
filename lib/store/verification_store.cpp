#include "store/verification_store.hpp"

#include "core/verification.hpp"
#include "store/purge.hpp"

namespace smsauth::store::verification {

namespace {

constexpr sql upsert{"verification.record",
                     R"(
INSERT INTO verification (phone, purpose, mac, request_id, sent_at, expires_at, attempts, used)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, 0, 0)
ON CONFLICT (phone, purpose) DO UPDATE SET mac = excluded.mac, request_id = excluded.request_id, sent_at = excluded.sent_at,
  expires_at = excluded.expires_at, attempts = 0, used = 0)",
                     R"(
INSERT INTO verification (phone, purpose, mac, request_id, sent_at, expires_at, attempts, used)
VALUES (:p1, :p2, :p3, :p4, :p5, :p6, 0, 0)
ON DUPLICATE KEY UPDATE mac = VALUES(mac), request_id = VALUES(request_id), sent_at = VALUES(sent_at),
  expires_at = VALUES(expires_at), attempts = 0, used = 0)"};

// Expiry is exclusive: at ttl seconds after the send the code is dead (OTP-02).
constexpr sql take{"verification.consume", R"(
UPDATE verification SET used = 1, attempts = attempts + 1
WHERE phone = :p1 AND purpose = :p2 AND mac = :p3 AND used = 0 AND expires_at > :p4 AND attempts < :p5)"};

constexpr sql count_wrong{"verification.count_wrong", R"(
UPDATE verification SET attempts = attempts + 1
WHERE phone = :p1 AND purpose = :p2 AND used = 0 AND expires_at > :p3 AND attempts < :p4)"};

constexpr sql verification_keys{"verification.keys",
                                "SELECT phone FROM verification WHERE phone > :p1 ORDER BY phone LIMIT :p2"};
constexpr sql purge_verification{"verification.purge",
                                 "DELETE FROM verification WHERE phone > :p1 AND phone <= :p2 AND expires_at < :p3"};

}  // namespace

void record(transaction& in, std::string_view phone, core::purpose why, std::string_view mac,
            std::string_view request_id, core::epoch_ms now, core::epoch_ms expires_at) {
  in.execute(upsert, phone, to_string(why), mac, request_id, now, expires_at);
}

bool consume(transaction& in, std::string_view phone, core::purpose why, std::string_view mac, core::epoch_ms now,
             std::int64_t max_attempts) {
  const std::int64_t cap = core::cap_or_none(max_attempts);
  if (in.execute(take, phone, to_string(why), mac, now, cap) == 1) return true;
  in.execute(count_wrong, phone, to_string(why), now, cap);
  return false;
}

std::string purge_after(transaction& in, std::string_view after, core::epoch_ms dead_before, std::int64_t limit) {
  return purge::key_range(in, verification_keys, purge_verification, after, dead_before, limit);
}

}  // namespace smsauth::store::verification
