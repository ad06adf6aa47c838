#include "flow.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define ACCOUNT_COLUMNS                                                                                              \
  "a.uid, a.public_id, a.phone, a.status, a.username, a.name, a.nickname, a.gender, a.birthday, a.email, a.avatar, " \
  "a.role, a.points, a.can_rename, a.settled, a.has_password, a.has_pay_password, a.session_epoch, "                 \
  "a.social_circle_id, a.register_address, a.last_login_address, a.last_login_device, a.last_login_at, "             \
  "a.created_at, a.updated_at"

const struct statement statements[statement_count] = {
    [charge_send] =
        {"quota.charge_send",
         "INSERT INTO phone_quota (phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, "
         "wrong_started_at, wrong_tries, sent_login) VALUES (?, ?, ?, 1, ?, 1, 0, 0, ?) ON CONFLICT (phone) DO UPDATE "
         "SET "
         "request_id = excluded.request_id, "
         "hour_sends = CASE WHEN hour_started_at <= excluded.hour_started_at - 3600000 THEN 1 ELSE hour_sends + 1 END, "
         "hour_started_at = CASE WHEN hour_started_at <= excluded.hour_started_at - 3600000 THEN "
         "excluded.hour_started_at "
         "ELSE hour_started_at END, "
         "day_sends = CASE WHEN day_started_at <= excluded.day_started_at - 86400000 THEN 1 ELSE day_sends + 1 END, "
         "day_started_at = CASE WHEN day_started_at <= excluded.day_started_at - 86400000 THEN excluded.day_started_at "
         "ELSE day_started_at END, sent_login = excluded.sent_login "
         "WHERE sent_login <= excluded.sent_login - ? "
         "AND (hour_started_at <= excluded.hour_started_at - 3600000 OR hour_sends < ?) "
         "AND (day_started_at <= excluded.day_started_at - 86400000 OR day_sends < ?)",
         "INSERT INTO phone_quota (phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, "
         "wrong_started_at, wrong_tries, sent_login) VALUES (?, ?, ?, 1, ?, 1, 0, 0, ?) ON DUPLICATE KEY UPDATE "
         "request_id = IF(sent_login <= VALUES(sent_login) - ? "
         "AND (hour_started_at <= VALUES(hour_started_at) - 3600000 OR hour_sends < ?) "
         "AND (day_started_at <= VALUES(day_started_at) - 86400000 OR day_sends < ?), VALUES(request_id), request_id), "
         "hour_sends = IF(request_id = VALUES(request_id), IF(hour_started_at <= VALUES(hour_started_at) - 3600000, 1, "
         "hour_sends + 1), hour_sends), "
         "hour_started_at = IF(request_id = VALUES(request_id) AND hour_started_at <= VALUES(hour_started_at) - "
         "3600000, "
         "VALUES(hour_started_at), hour_started_at), "
         "day_sends = IF(request_id = VALUES(request_id), IF(day_started_at <= VALUES(day_started_at) - 86400000, 1, "
         "day_sends + 1), day_sends), "
         "day_started_at = IF(request_id = VALUES(request_id) AND day_started_at <= VALUES(day_started_at) - 86400000, "
         "VALUES(day_started_at), day_started_at), "
         "sent_login = IF(request_id = VALUES(request_id), VALUES(sent_login), sent_login) + "
         "0 * LAST_INSERT_ID(IF(request_id = VALUES(request_id), 2, 3))",
         "pmnnngHD", 0},
    [record_code] =
        {"verification.record",
         "INSERT INTO verification (phone, purpose, mac, request_id, sent_at, expires_at, attempts, used) "
         "VALUES (?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT (phone, purpose) DO UPDATE SET mac = excluded.mac, "
         "request_id = excluded.request_id, sent_at = excluded.sent_at, expires_at = excluded.expires_at, attempts = "
         "0, "
         "used = 0",
         "INSERT INTO verification (phone, purpose, mac, request_id, sent_at, expires_at, attempts, used) "
         "VALUES (?, ?, ?, ?, ?, ?, 0, 0) ON DUPLICATE KEY UPDATE mac = VALUES(mac), request_id = VALUES(request_id), "
         "sent_at = VALUES(sent_at), expires_at = VALUES(expires_at), attempts = 0, used = 0",
         "plcmnx", 0},
    [record_message] = {"outbox.record",
                        "INSERT INTO outbox (id, phone, purpose, dialect, sealed_body, state, lease_owner, "
                        "lease_until, tries, created_at, "
                        "expires_at, finished_at, address) VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0, ?, ?, 0, ?)",
                        NULL, "mpldbotnxf", 0},
    [charge_try] =
        {"quota.charge_try",
         "INSERT INTO phone_quota (phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, "
         "wrong_started_at, wrong_tries) VALUES (?, '', 0, 0, 0, 0, ?, 1) ON CONFLICT (phone) DO UPDATE SET "
         "wrong_tries = CASE WHEN wrong_started_at <= excluded.wrong_started_at - 86400000 THEN 1 ELSE wrong_tries + 1 "
         "END, "
         "wrong_started_at = CASE WHEN wrong_started_at <= excluded.wrong_started_at - 86400000 THEN "
         "excluded.wrong_started_at ELSE wrong_started_at END "
         "WHERE wrong_started_at <= excluded.wrong_started_at - 86400000 OR wrong_tries < ?",
         "INSERT INTO phone_quota (phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, "
         "wrong_started_at, wrong_tries) VALUES (?, '', 0, 0, 0, 0, ?, 1) ON DUPLICATE KEY UPDATE "
         "wrong_tries = IF(wrong_started_at <= VALUES(wrong_started_at) - 86400000, 1 + 0 * LAST_INSERT_ID(2), "
         "IF(wrong_tries < ?, wrong_tries + 1 + 0 * LAST_INSERT_ID(2), wrong_tries + 0 * LAST_INSERT_ID(3))), "
         "wrong_started_at = IF(wrong_started_at <= VALUES(wrong_started_at) - 86400000, VALUES(wrong_started_at), "
         "wrong_started_at)",
         "pnD", 0},
    [consume_code] = {"verification.consume",
                      "UPDATE verification SET used = 1, attempts = attempts + 1 "
                      "WHERE phone = ? AND purpose = ? AND mac = ? AND used = 0 AND expires_at > ? AND attempts < ?",
                      NULL, "plcnH", 0},
    [note_used] = {"outbox.note_used",
                   "UPDATE outbox SET used_at = ? WHERE used_at = 0 AND id = "
                   "(SELECT request_id FROM verification WHERE phone = ? AND purpose = ?)",
                   NULL, "npl", 0},
    [clear_tries] = {"quota.clear_tries",
                     "UPDATE phone_quota SET wrong_tries = 0, wrong_started_at = 0 WHERE phone IN (?)", NULL, "p", 0},
    [find_by_phone] = {"account.find_by_phone",
                       "SELECT " ACCOUNT_COLUMNS
                       ", i.verified, i.phone FROM identity i JOIN account a ON a.uid = i.uid WHERE i.phone IN (?)",
                       NULL, "p", 1},
    [claim_identity] = {"identity.claim", "INSERT INTO identity (phone, uid, verified, created_at) VALUES (?, ?, ?, ?)",
                        NULL, "pu1n", 0},
    [create_account] =
        {"account.create",
         "INSERT INTO account (uid, public_id, phone, status, username, name, nickname, gender, birthday, email, "
         "avatar, "
         "role, points, can_rename, settled, has_password, has_pay_password, session_epoch, social_circle_id, "
         "register_address, last_login_address, last_login_device, last_login_at, created_at, updated_at) "
         "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
         NULL, "uip0aeeeeeer0000000ffennn", 0},
    [create_session] = {"session.create",
                        "INSERT INTO session (id, uid, dialect, epoch, device_id, address, created_at, "
                        "access_expires_at, refresh_hash, "
                        "refresh_generation, refresh_rotated_at, refresh_expires_at, revoked_at) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                        NULL, "sud0efnyh1ny", 0},
    [finish_messages] = {"outbox.finish8",
                         "UPDATE outbox SET state = ?, sealed_body = '', finished_at = ?, gateway = ? WHERE id IN (?, ?, "
                         "?, ?, ?, ?, ?, ?) AND state = 0",
                         NULL, "1nq23456789", 0},
    [move_sequence] = {"sequence.move", "UPDATE sequence SET next_value = next_value + ? WHERE name = 'uid'", NULL, "k",
                       0},
    [read_sequence] = {"sequence.read", "SELECT next_value FROM sequence WHERE name = 'uid'", NULL, "", 1},
};

struct value value_of(const struct flow* of, char letter) {
  enum { gap_ms = 60000, lease_ms = 30000, code_ms = 300000 };
  static const long long month_ms = 2592000000LL;
  static const char* const texts[128] = {['l'] = "login", ['d'] = "discuzq", ['o'] = "6d265971a4d3c919",
                                         ['e'] = "",      ['r'] = "member",  ['f'] = "127.0.0.1",
                                         ['q'] = "log"};
  switch (letter) {
    case '0':
    case '1':
      return (struct value){NULL, letter - '0'};
    case 'g':
      return (struct value){NULL, gap_ms};
    case 'H':
      return (struct value){NULL, 5};
    case 'D':
      return (struct value){NULL, 10};
    case 'k':
      return (struct value){NULL, uids_per_block};
    case 'n':
      return (struct value){NULL, of->now_ms};
    case 'x':
      return (struct value){NULL, of->now_ms + code_ms};
    case 't':
      return (struct value){NULL, of->now_ms + lease_ms};
    case 'y':
      return (struct value){NULL, of->now_ms + month_ms};
    case 'u':
      return (struct value){NULL, of->uid};
    case 'p':
      return (struct value){of->phone, 0};
    case 'm':
      return (struct value){of->message_id, 0};
    case 'c':
      return (struct value){of->mac, 0};
    case 'b':
      return (struct value){of->sealed_body, 0};
    case 'i':
      return (struct value){of->public_id, 0};
    case 'a':
      return (struct value){of->username, 0};
    case 's':
      return (struct value){of->session_id, 0};
    case 'h':
      return (struct value){of->refresh_hash, 0};
    default:
      break;
  }
  if (letter >= '2' && letter <= '9') return (struct value){of->marked[letter - '2'], 0};
  return (struct value){texts[letter & 127], 0};
}

static uint64_t random_state = 0x9e3779b97f4a7c15ULL;

/* splitmix64 */
static uint64_t next_random(void) {
  uint64_t z = __atomic_add_fetch(&random_state, 0x9e3779b97f4a7c15ULL, __ATOMIC_RELAXED);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

static void random_hex(char* to, size_t digits) {
  static const char hex[] = "0123456789abcdef";
  uint64_t bits = 0;
  for (size_t i = 0; i < digits; ++i, bits >>= 4) {
    if (i % 16 == 0) bits = next_random();
    to[i] = hex[bits & 15];
  }
  to[digits] = '\0';
}

void seed_flows(uint64_t seed) {
  random_state ^= seed * 0xd1342543de82ef95ULL;
}

long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void make_flow(struct flow* made, uint64_t position, long long uid) {
  enum { time_digits = 12, id_digits = 32, hash_digits = 64, sealed_digits = 310 };
  const uint64_t numbers = 1000000000, step = 387420489; /* as phone_sequence.hpp */
  made->now_ms = now_ms();
  made->uid = uid;
  snprintf(made->phone, sizeof made->phone, "+86%llu",
           (unsigned long long)(13000000000ULL + position % numbers * step % numbers));
  snprintf(made->message_id, sizeof made->message_id, "%012llx", (unsigned long long)made->now_ms);
  random_hex(made->message_id + time_digits, id_digits - time_digits);
  random_hex(made->mac, hash_digits);
  random_hex(made->sealed_body, sealed_digits);
  random_hex(made->public_id, id_digits);
  random_hex(made->session_id, id_digits);
  random_hex(made->refresh_hash, hash_digits);
  memcpy(made->username, "u_", 2);
  random_hex(made->username + 2, 6);
}
