#include "store/quota_store.hpp"

#include "store/multi_row.hpp"
#include "store/purge.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace smsauth::store::quota {

namespace {

// One column per purpose holds the last send; so the texts are made per purpose, once.
//
// MySQL evaluates the assignments from left to right: request_id goes first and is from then on the flag that says
// whether this request passed. LAST_INSERT_ID carries the verdict back without a second round trip: 0 inserted, 2
// passed, 3 refused.
struct purpose_texts {
  std::string charge_sqlite;
  std::string charge_mysql;
  multi_row charge_many;  ///< MySQL
  std::string load;
};

std::string with_column(std::string text, std::string_view column) {
  static constexpr std::string_view mark = "{sent}";
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + column.size())) {
    text.replace(at, mark.size(), column);
  }
  return text;
}

constexpr const char* charge_sqlite = R"(
INSERT INTO phone_quota (phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, wrong_started_at, wrong_tries, {sent})
VALUES (:p1, :p2, :p3, 1, :p4, 1, 0, 0, :p5)
ON CONFLICT (phone) DO UPDATE SET
  request_id = excluded.request_id,
  hour_sends = CASE WHEN hour_started_at <= excluded.hour_started_at - 3600000 THEN 1 ELSE hour_sends + 1 END,
  hour_started_at = CASE WHEN hour_started_at <= excluded.hour_started_at - 3600000 THEN excluded.hour_started_at ELSE hour_started_at END,
  day_sends = CASE WHEN day_started_at <= excluded.day_started_at - 86400000 THEN 1 ELSE day_sends + 1 END,
  day_started_at = CASE WHEN day_started_at <= excluded.day_started_at - 86400000 THEN excluded.day_started_at ELSE day_started_at END,
  {sent} = excluded.{sent}
WHERE {sent} <= excluded.{sent} - :p6
  AND (hour_started_at <= excluded.hour_started_at - 3600000 OR hour_sends < :p7)
  AND (day_started_at <= excluded.day_started_at - 86400000 OR day_sends < :p8))";

constexpr const char* charge_head =
    "INSERT INTO phone_quota (phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, "
    "wrong_started_at, wrong_tries, {sent}) VALUES ";
constexpr const char* charge_row = "(?, ?, ?, 1, ?, 1, 0, 0, ?)";
constexpr const char* charge_update = R"(
ON DUPLICATE KEY UPDATE
  request_id = IF({sent} <= VALUES({sent}) - ?
      AND (hour_started_at <= VALUES(hour_started_at) - 3600000 OR hour_sends < ?)
      AND (day_started_at <= VALUES(day_started_at) - 86400000 OR day_sends < ?), VALUES(request_id), request_id),
  hour_sends = IF(request_id = VALUES(request_id), IF(hour_started_at <= VALUES(hour_started_at) - 3600000, 1, hour_sends + 1), hour_sends),
  hour_started_at = IF(request_id = VALUES(request_id) AND hour_started_at <= VALUES(hour_started_at) - 3600000, VALUES(hour_started_at), hour_started_at),
  day_sends = IF(request_id = VALUES(request_id), IF(day_started_at <= VALUES(day_started_at) - 86400000, 1, day_sends + 1), day_sends),
  day_started_at = IF(request_id = VALUES(request_id) AND day_started_at <= VALUES(day_started_at) - 86400000, VALUES(day_started_at), day_started_at),
  {sent} = IF(request_id = VALUES(request_id), VALUES({sent}), {sent}))";
// A single row's verdict comes back this way; of several, each has its own, which is read back.
constexpr const char* charge_verdict = " + 0 * LAST_INSERT_ID(IF(request_id = VALUES(request_id), 2, 3))";

constexpr const char* load_row = R"(
SELECT hour_started_at, hour_sends, day_started_at, day_sends, wrong_started_at, wrong_tries, {sent}
FROM phone_quota WHERE phone = :p1)";

const purpose_texts& texts_of(core::purpose why) {
  static const auto all = [] {
    std::vector<purpose_texts> made;  // in the order of core::all_purposes
    for (const core::purpose each : core::all_purposes) {
      const std::string column = "sent_" + std::string(to_string(each));
      const std::string head = with_column(charge_head, column);
      const std::string update = with_column(charge_update, column);
      std::string one = head;
      one.append(charge_row).append(update).append(charge_verdict);
      std::string many = head;
      many.append("{}").append(update);
      made.push_back({with_column(charge_sqlite, column), std::move(one),
                      multi_row("quota.charge_sends", many, charge_row), with_column(load_row, column)});
    }
    return made;
  }();
  return all[static_cast<std::size_t>(why)];
}

constexpr std::int64_t refused = 3;

// A number without a row gets one: known and unknown numbers are told apart neither by text nor by the time of a write.
// MySQL: wrong_tries before wrong_started_at, since it assigns from left to right; LAST_INSERT_ID as above.
constexpr sql count_try{"quota.charge_try",
                        R"(
INSERT INTO phone_quota (phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, wrong_started_at, wrong_tries)
VALUES (:p1, '', 0, 0, 0, 0, :p2, 1)
ON CONFLICT (phone) DO UPDATE SET
  wrong_tries = CASE WHEN wrong_started_at <= excluded.wrong_started_at - 86400000 THEN 1 ELSE wrong_tries + 1 END,
  wrong_started_at = CASE WHEN wrong_started_at <= excluded.wrong_started_at - 86400000 THEN excluded.wrong_started_at ELSE wrong_started_at END
WHERE wrong_started_at <= excluded.wrong_started_at - 86400000 OR wrong_tries < :p3)",
                        R"(
INSERT INTO phone_quota (phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, wrong_started_at, wrong_tries)
VALUES (:p1, '', 0, 0, 0, 0, :p2, 1)
ON DUPLICATE KEY UPDATE
  wrong_tries = IF(wrong_started_at <= VALUES(wrong_started_at) - 86400000, 1 + 0 * LAST_INSERT_ID(2),
    IF(wrong_tries < :p3, wrong_tries + 1 + 0 * LAST_INSERT_ID(2), wrong_tries + 0 * LAST_INSERT_ID(3))),
  wrong_started_at = IF(wrong_started_at <= VALUES(wrong_started_at) - 86400000, VALUES(wrong_started_at), wrong_started_at))"};

// Several at once. The counter stops one above the cap, which tells a refused try from the last one that passed when
// the row is read back.
const multi_row& count_tries() {
  static const multi_row text("quota.charge_tries", R"(
INSERT INTO phone_quota (phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, wrong_started_at, wrong_tries)
VALUES {}
ON DUPLICATE KEY UPDATE
  wrong_tries = IF(wrong_started_at <= VALUES(wrong_started_at) - 86400000, 1, IF(wrong_tries <= ?, wrong_tries + 1, wrong_tries)),
  wrong_started_at = IF(wrong_started_at <= VALUES(wrong_started_at) - 86400000, VALUES(wrong_started_at), wrong_started_at))",
                              "(?, '', 0, 0, 0, 0, ?, 1)");
  return text;
}
const multi_row& forget_tries() {
  static const multi_row text("quota.clear_tries",
                              "UPDATE phone_quota SET wrong_tries = 0, wrong_started_at = 0 WHERE phone IN ({})", "?");
  return text;
}
// Our own writes, whose rows this transaction holds.
using written_row = std::tuple<text_column, int_column, text_column>;
const multi_row& read_back() {
  static const multi_row text("quota.read_back",
                              "SELECT request_id, wrong_tries, phone FROM phone_quota WHERE phone IN ({})", "?");
  return text;
}

constexpr sql phone_quota_keys{"phone_quota.keys",
                               "SELECT phone FROM phone_quota WHERE phone > :p1 ORDER BY phone LIMIT :p2"};
constexpr sql purge_phone_quota{
    "phone_quota.purge",
    "DELETE FROM phone_quota WHERE phone > :p1 AND phone <= :p2 AND "
    "(CASE WHEN day_started_at > wrong_started_at THEN day_started_at ELSE wrong_started_at END) < :p3"};

}  // namespace

void send_charge::run(transaction& in, std::span<send_charge* const> all) {
  const send_charge& first = *all.front();
  const purpose_texts& texts = texts_of(first.why);
  const std::int64_t gap = first.gap_seconds * core::ms_per_second;
  if (all.size() > 1 && in.flavor() == sql_flavor::mysql) {
    const auto add = [](const send_charge* each, argument_list& to) {
      to.insert(to.end(), {each->phone, each->request_id, each->now, each->now, each->now});
    };
    const std::array<argument, 3> behind{gap, first.hour_cap, first.day_cap};
    const auto written = insert_rows(in, texts.charge_many, all, add, behind);
    if (written == static_cast<std::int64_t>(all.size())) {
      // A refused row is not written, so nobody was refused, and the rows need no look.
      for (send_charge* const each : all)
        each->outcome = true;
      return;
    }
    rows_by_phone<written_row>(in, read_back(), all, {}, [](send_charge& step, const written_row& row) {
      step.outcome = std::get<0>(row) == step.request_id;
    });
    return;
  }
  const sql statement{"quota.charge_send", texts.charge_sqlite.c_str(), texts.charge_mysql.c_str()};
  for (send_charge* const each : all) {
    const std::int64_t affected = in.execute(statement, each->phone, each->request_id, each->now, each->now, each->now,
                                             gap, first.hour_cap, first.day_cap);
    each->outcome = in.flavor() == sql_flavor::sqlite ? affected == 1 : in.last_insert_id() != refused;
  }
}

gathered<send_charge> charge_send(transaction& in, std::string_view phone, core::purpose why,
                                  std::string_view request_id, core::epoch_ms now, std::int64_t gap_seconds,
                                  const core::code_limits& limits) {
  return {in,
          {phone, why, request_id, now, gap_seconds, core::cap_or_none(limits.phone_sends_per_hour),
           core::cap_or_none(limits.phone_sends_per_day)}};
}

void try_charge::run(transaction& in, std::span<try_charge* const> all) {
  const std::int64_t cap = all.front()->cap;
  if (all.size() > 1 && in.flavor() == sql_flavor::mysql) {
    const auto add = [](const try_charge* each, argument_list& to) { to.insert(to.end(), {each->phone, each->now}); };
    const argument behind(cap);
    insert_rows(in, count_tries(), all, add, std::span(&behind, 1));
    rows_by_phone<written_row>(in, read_back(), all, {}, [](try_charge& step, const written_row& row) {
      step.outcome = std::get<1>(row) <= step.cap;
    });
    return;
  }
  for (try_charge* const each : all) {
    const std::int64_t affected = in.execute(count_try, each->phone, each->now, cap);
    each->outcome = in.flavor() == sql_flavor::sqlite ? affected == 1 : in.last_insert_id() != refused;
  }
}

gathered<try_charge> charge_try(transaction& in, std::string_view phone, core::epoch_ms now,
                                const core::code_limits& limits) {
  return {in, {phone, now, core::cap_or_none(limits.wrong_tries_per_day)}};
}

void tries_clearing::run(transaction& in, std::span<tries_clearing* const> all) {
  execute_for_keys(in, forget_tries(), {}, all, [](const tries_clearing* each) { return each->phone; });
}

gathered<tries_clearing> clear_tries(transaction& in, std::string_view phone) {
  return {in, {phone}};
}

std::optional<core::phone_quota> load(transaction& in, std::string_view phone, core::purpose why) {
  using row = std::tuple<int_column, int_column, int_column, int_column, int_column, int_column, int_column>;
  const sql statement{"quota.load", texts_of(why).load.c_str()};
  const auto found = in.row<row>(statement, phone);
  if (!found) return std::nullopt;
  const auto& [hour_at, hour, day_at, day, wrong_at, wrong, sent] = *found;
  return core::phone_quota{hour_at, hour, day_at, day, wrong_at, wrong, sent};
}

std::string purge_after(transaction& in, std::string_view after, core::epoch_ms dead_before, std::int64_t limit) {
  return purge::key_range(in, phone_quota_keys, purge_phone_quota, after, dead_before, limit);
}

}  // namespace smsauth::store::quota
