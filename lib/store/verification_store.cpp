#include "store/verification_store.hpp"

#include "core/verification.hpp"
#include "store/multi_row.hpp"
#include "store/purge.hpp"

#include <vector>

namespace smsauth::store::verification {

namespace {

const multi_row& upsert_codes() {
  static const multi_row text("verification.record", R"(
INSERT INTO verification (phone, purpose, mac, request_id, sent_at, expires_at, attempts, used)
VALUES {}
ON CONFLICT (phone, purpose) DO UPDATE SET mac = excluded.mac, request_id = excluded.request_id, sent_at = excluded.sent_at,
  expires_at = excluded.expires_at, attempts = 0, used = 0)",
                              R"(
INSERT INTO verification (phone, purpose, mac, request_id, sent_at, expires_at, attempts, used)
VALUES {}
ON DUPLICATE KEY UPDATE mac = VALUES(mac), request_id = VALUES(request_id), sent_at = VALUES(sent_at),
  expires_at = VALUES(expires_at), attempts = 0, used = 0)",
                              "(?, ?, ?, ?, ?, ?, 0, 0)");
  return text;
}

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

const multi_row& lock_codes() {
  static const multi_row text("verification.lock", R"(
SELECT mac, request_id, expires_at, attempts, used, phone FROM verification
WHERE phone IN ({}) AND purpose = ? FOR UPDATE)",
                              "?");
  return text;
}
// A MAC covers its number, so the two lists name the rows one by one.
const multi_row& take_many() {
  static const multi_row text("verification.consume_many", R"(
UPDATE verification SET used = 1, attempts = attempts + 1
WHERE phone IN ({}) AND mac IN ({}) AND purpose = ? AND used = 0 AND attempts < ?)",
                              "?");
  return text;
}

void count_as_wrong(transaction& in, const code_comparison& step) {
  in.execute(count_wrong, step.phone, to_string(step.why), step.now, step.cap);
}

void compare_together(transaction& in, std::span<code_comparison* const> all) {
  using steps = std::span<code_comparison* const>;
  const std::string_view purpose = to_string(all.front()->why);
  const std::int64_t cap = all.front()->cap;
  const auto phone_of = [](const code_comparison* each) { return each->phone; };
  const auto mac_of = [](const code_comparison* each) { return each->mac; };
  const argument of_purpose(purpose);
  std::vector<code_comparison*> right;
  using row_type = std::tuple<text_column, text_column, int_column, int_column, int_column, text_column>;
  rows_by_phone<row_type>(in, lock_codes(), all, std::span(&of_purpose, 1),
                          [&](code_comparison& step, const row_type& row) {
                            const auto& [mac, request_id, expires_at, attempts, used, phone] = row;
                            const bool live = used == 0 && expires_at > step.now && attempts < cap;
                            if (!live || mac != step.mac) return;
                            step.outcome = {true, request_id};
                            right.push_back(&step);
                          });
  for (const code_comparison* const each : all)
    if (!each->outcome.right) count_as_wrong(in, *each);
  std::int64_t taken = 0;
  argument_list values;
  for_parts(take_many(), steps(right), [&](const sql& statement, steps part, std::size_t elements) {
    values.clear();
    append_filled(values, part, phone_of, elements);
    append_filled(values, part, mac_of, elements);
    values.insert(values.end(), {purpose, cap});
    taken += in.execute_with(statement, values);
  });
  // Locked rows do not change. An engine whose locks do not hold is found out here: every unit then runs by itself.
  if (taken != static_cast<std::int64_t>(right.size()))
    throw sql_error(sql_error_kind::refused_open, 0, "verification.consume_many");
}

}  // namespace

void code_record::run(transaction& in, std::span<code_record* const> all) {
  const auto add = [](const code_record* each, argument_list& to) {
    to.insert(to.end(), {each->phone, to_string(each->why), each->mac, each->request_id, each->now, each->expires_at});
  };
  insert_rows(in, upsert_codes(), all, add);
}

gathered<code_record> record(transaction& in, std::string_view phone, core::purpose why, std::string_view mac,
                             std::string_view request_id, core::epoch_ms now, core::epoch_ms expires_at) {
  return {in, {phone, why, mac, request_id, now, expires_at}};
}

void code_comparison::run(transaction& in, std::span<code_comparison* const> all) {
  if (all.size() > 1 && in.flavor() == sql_flavor::mysql) {
    compare_together(in, all);
    return;
  }
  for (code_comparison* const each : all) {
    each->outcome.right = in.execute(take, each->phone, to_string(each->why), each->mac, each->now, each->cap) == 1;
    if (!each->outcome.right) count_as_wrong(in, *each);
  }
}

gathered<code_comparison> consume(transaction& in, std::string_view phone, core::purpose why, std::string_view mac,
                                  core::epoch_ms now, std::int64_t max_attempts) {
  return {in, {phone, why, mac, now, core::cap_or_none(max_attempts)}};
}

std::string purge_after(transaction& in, std::string_view after, core::epoch_ms dead_before, std::int64_t limit) {
  return purge::key_range(in, verification_keys, purge_verification, after, dead_before, limit);
}

}  // namespace smsauth::store::verification
