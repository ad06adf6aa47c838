#include "store/outbox_store.hpp"

namespace smsauth::store::outbox {

namespace {

constexpr sql insert_message{"outbox.record", R"(
INSERT INTO outbox (id, phone, purpose, dialect, sealed_body, state, lease_owner, lease_until, tries, created_at, expires_at, finished_at, address)
VALUES (:p1, :p2, :p3, :p4, :p5, 0, :p6, :p7, 0, :p8, :p9, 0, :p10))"};

constexpr sql finish_one{
    "outbox.finish",
    "UPDATE outbox SET state = :p1, sealed_body = '', finished_at = :p2, gateway = :p3 WHERE id = :p4 AND state = 0"};

// Eight at a time: fewer round trips, and one text to prepare.
constexpr sql finish_eight{"outbox.finish8",
                           "UPDATE outbox SET state = :p1, sealed_body = '', finished_at = :p2, gateway = :p3 "
                           "WHERE id IN (:p4, :p5, :p6, :p7, :p8, :p9, :p10, :p11) AND state = 0"};

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

void record(transaction& in, const message_row& message, std::string_view owner, core::epoch_ms lease_until) {
  in.execute(insert_message, message.id, message.phone, message.purpose, message.dialect, message.sealed_body, owner,
             lease_until, message.created_at, message.expires_at, message.address);
}

void finish(transaction& in, std::span<const std::string> ids, state end, std::string_view gateway,
            core::epoch_ms now) {
  const auto number = static_cast<std::int64_t>(end);
  std::size_t i = 0;
  for (; i + 8 <= ids.size(); i += 8) {
    in.execute(finish_eight, number, now, gateway, ids[i], ids[i + 1], ids[i + 2], ids[i + 3], ids[i + 4], ids[i + 5],
               ids[i + 6], ids[i + 7]);
  }
  for (; i < ids.size(); ++i)
    in.execute(finish_one, number, now, gateway, ids[i]);
}

void note_used(transaction& in, std::string_view phone, std::string_view purpose, core::epoch_ms now) {
  in.execute(mark_used, now, phone, purpose);
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
