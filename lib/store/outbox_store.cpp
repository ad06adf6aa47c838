#include "store/outbox_store.hpp"

#include "store/multi_row.hpp"

#include <algorithm>
#include <array>

namespace smsauth::store::outbox {

namespace {

const multi_row& insert_messages() {
  static const multi_row text("outbox.record", R"(
INSERT INTO outbox (id, phone, purpose, dialect, sealed_body, state, lease_owner, lease_until, tries, created_at, expires_at, finished_at, address)
VALUES {})",
                              "(?, ?, ?, ?, ?, 0, ?, ?, 0, ?, ?, 0, ?)");
  return text;
}
const multi_row& finish_messages() {
  static const multi_row text("outbox.finish",
                              "UPDATE outbox SET state = ?, sealed_body = '', finished_at = ?, gateway = ? "
                              "WHERE id IN ({}) AND state = 0",
                              "?");
  return text;
}
const multi_row& mark_many() {
  static const multi_row text("outbox.note_used_many", "UPDATE outbox SET used_at = ? WHERE used_at = 0 AND id IN ({})",
                              "?");
  return text;
}

// A name of its own for the row that the sub-select reads: one statement, so that one more round trip is all it costs.
constexpr sql mark_used{"outbox.note_used",
                        "UPDATE outbox SET used_at = :p1 WHERE used_at = 0 AND id = "
                        "(SELECT request_id FROM verification WHERE phone = :p2 AND purpose = :p3)"};

constexpr sql current_code{"outbox.current_code",
                           "SELECT request_id, used FROM verification WHERE phone = :p1 AND purpose = :p2"};
constexpr sql prolong{"outbox.renew",
                      "UPDATE outbox SET lease_until = :p1 WHERE id = :p2 AND state = 0 AND lease_owner = :p3"};

constexpr sql history_of_phone{"outbox.of_phone", R"(
SELECT id, phone, purpose, dialect, address, gateway, state, created_at, expires_at, finished_at, used_at FROM outbox
WHERE phone = :p1 AND id >= :p2 ORDER BY id DESC LIMIT :p3)"};
constexpr sql history_in_range{"outbox.in_range", R"(
SELECT id, phone, purpose, dialect, address, gateway, state, created_at, expires_at, finished_at, used_at FROM outbox
WHERE id >= :p1 AND id < :p2 ORDER BY id LIMIT :p3)"};

constexpr sql pending{"outbox.find_pending", R"(
SELECT id, phone, purpose, dialect, sealed_body, created_at, expires_at, tries, lease_until FROM outbox
WHERE id >= :p1 AND id < :p2 AND state = 0 ORDER BY id LIMIT :p3)"};

constexpr sql steal{"outbox.take_over", R"(
UPDATE outbox SET lease_owner = :p1, lease_until = :p2, tries = tries + 1 WHERE id = :p3 AND state = 0 AND lease_until <= :p4)"};

constexpr sql void_all{"outbox.void_leases", "UPDATE outbox SET lease_until = 0 WHERE state = 0"};

constexpr sql old_ids{"outbox.old", "SELECT id FROM outbox WHERE id < :p1 ORDER BY id LIMIT :p2"};
constexpr sql delete_range{"outbox.purge", "DELETE FROM outbox WHERE id <= :p1 AND state <> 0"};

std::vector<history_row> history(transaction& in, const sql& statement, std::string_view first, std::string_view second,
                                 std::int64_t limit) {
  using row = std::tuple<text_column, text_column, text_column, text_column, text_column, text_column, int_column,
                         int_column, int_column, int_column, int_column>;
  std::vector<history_row> found;
  for (auto& [id, phone, purpose, dialect, address, gateway, what, created, expires, finished, used] :
       in.rows<row>(statement, first, second, limit)) {
    found.push_back(
        {id, phone, purpose, dialect, address, gateway, static_cast<state>(what), created, expires, finished, used});
  }
  return found;
}

}  // namespace

void message_insert::run(transaction& in, std::span<message_insert* const> all) {
  const auto add = [](const message_insert* each, argument_list& to) {
    const message_row& message = *each->message;
    to.insert(to.end(), {message.id, message.phone, message.purpose, message.dialect, message.sealed_body, each->owner,
                         each->lease_until, message.created_at, message.expires_at, message.address});
  };
  insert_rows(in, insert_messages(), all, add);
}

gathered<message_insert> record(transaction& in, const message_row& message, std::string_view owner,
                                core::epoch_ms lease_until) {
  return {in, {&message, owner, lease_until}};
}

void finish(transaction& in, std::span<const std::string> ids, state end, std::string_view gateway,
            core::epoch_ms now) {
  const auto number = static_cast<std::int64_t>(end);
  const std::array<argument, 3> before{number, now, gateway};
  execute_for_keys(in, finish_messages(), before, ids, [](const std::string& id) { return std::string_view(id); });
}

void use_note::run(transaction& in, std::span<use_note* const> all) {
  if (all.front()->message_id.empty()) {
    for (const use_note* const each : all)
      in.execute(mark_used, each->now, each->phone, each->purpose);
    return;
  }
  // Those of one batch are of the same few milliseconds; the latest stands for all.
  core::epoch_ms now = 0;
  for (const use_note* const each : all)
    now = std::max(now, each->now);
  const argument used_at(now);
  execute_for_keys(in, mark_many(), std::span(&used_at, 1), all, [](const use_note* each) { return each->message_id; });
}

gathered<use_note> note_used(transaction& in, std::string_view phone, std::string_view purpose,
                             std::string_view message_id, core::epoch_ms now) {
  return {in, {phone, purpose, message_id, now}};
}

bool renew(transaction& in, const message_row& message, std::string_view owner, core::epoch_ms now,
           core::epoch_ms lease_until) {
  const auto code = in.row<std::tuple<text_column, int_column>>(current_code, message.phone, message.purpose);
  if (!code || std::get<0>(*code) != message.id || std::get<1>(*code) != 0) {
    finish(in, std::span(&message.id, 1), state::expired, "", now);
    return false;
  }
  return in.execute(prolong, lease_until, message.id, owner) == 1;
}

std::vector<history_row> of_phone(transaction& in, std::string_view phone, std::string_view from_id,
                                  std::int64_t limit) {
  return history(in, history_of_phone, phone, from_id, limit);
}

std::vector<history_row> in_range(transaction& in, std::string_view from_id, std::string_view below_id,
                                  std::int64_t limit) {
  return history(in, history_in_range, from_id, below_id, limit);
}

std::vector<message_row> find_pending(transaction& in, std::string_view from_id, std::string_view below_id,
                                      std::int64_t limit) {
  using row = std::tuple<text_column, text_column, text_column, text_column, text_column, int_column, int_column,
                         int_column, int_column>;
  std::vector<message_row> found;
  for (auto& [id, phone, purpose, dialect, body, created, expires, tries, lease] :
       in.rows<row>(pending, from_id, below_id, limit)) {
    found.push_back({id, phone, purpose, dialect, body, created, expires, tries, lease, {}});
  }
  return found;
}

bool take_over(transaction& in, std::string_view id, std::string_view owner, core::epoch_ms now,
               core::epoch_ms lease_until) {
  return in.execute(steal, owner, lease_until, id, now) == 1;
}

void void_leases(transaction& in) {
  in.execute(void_all);
}

std::int64_t purge(transaction& in, std::string_view below_id, std::int64_t limit) {
  const auto old = in.rows<std::tuple<text_column>>(old_ids, below_id, limit);
  return old.empty() ? 0 : in.execute(delete_range, std::get<0>(old.back()));
}

}  // namespace smsauth::store::outbox
