#include "store/session_store.hpp"

#include "store/multi_row.hpp"

namespace smsauth::store::sessions {

namespace {

const multi_row& insert_sessions() {
  static const multi_row text("session.create", R"(
INSERT INTO session (id, uid, dialect, epoch, device_id, address, created_at, access_expires_at, refresh_hash, refresh_generation,
  refresh_rotated_at, refresh_expires_at, revoked_at)
VALUES {})",
                              "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)");
  return text;
}
constexpr sql select_session{"session.find", R"(
SELECT id, uid, dialect, epoch, device_id, address, created_at, access_expires_at, refresh_hash, refresh_generation,
  refresh_rotated_at, refresh_expires_at, revoked_at FROM session WHERE id = :p1)"};
constexpr sql rotate_session{"session.rotate", R"(
UPDATE session SET refresh_hash = :p1, refresh_generation = refresh_generation + 1, refresh_rotated_at = :p2,
  access_expires_at = :p3, refresh_expires_at = :p4
WHERE id = :p5 AND refresh_hash = :p6 AND refresh_generation = :p7 AND revoked_at = 0)"};
constexpr sql revoke_session{"session.revoke", "UPDATE session SET revoked_at = :p1 WHERE id = :p2 AND revoked_at = 0"};
constexpr sql select_keys{"session.keys", "SELECT id FROM session WHERE id > :p1 ORDER BY id LIMIT :p2"};
constexpr sql delete_range{"session.purge", R"(
DELETE FROM session WHERE id > :p1 AND id <= :p2 AND access_expires_at < :p3 AND refresh_expires_at < :p4)"};

}  // namespace

void session_insert::run(transaction& in, std::span<session_insert* const> all) {
  const auto add = [](const session_insert* each, argument_list& to) {
    const session_row& s = *each->fresh;
    to.insert(to.end(), {s.id, s.uid, s.dialect, s.epoch, s.device_id, s.address, s.created_at, s.access_expires_at,
                         s.refresh_hash, s.refresh_generation, s.refresh_rotated_at, s.refresh_expires_at});
  };
  insert_rows(in, insert_sessions(), all, add);
}

gathered<session_insert> create(transaction& in, const session_row& fresh) {
  return {in, {&fresh}};
}

std::optional<session_row> find(transaction& in, std::string_view id) {
  using row = std::tuple<text_column, int_column, text_column, int_column, text_column, text_column, int_column,
                         int_column, text_column, int_column, int_column, int_column, int_column>;
  auto found = in.row<row>(select_session, id);
  if (!found) return std::nullopt;
  auto& [key, uid, dialect, epoch, device, address, created, access, hash, generation, rotated, refresh, revoked] =
      *found;
  return session_row{std::move(key), uid,    std::move(dialect), epoch,      std::move(device), std::move(address),
                     created,        access, std::move(hash),    generation, rotated,           refresh,
                     revoked};
}

bool rotate(transaction& in, std::string_view id, std::string_view seen_hash, std::int64_t seen_generation,
            std::string_view next_hash, core::epoch_ms now, core::epoch_ms access_expires_at,
            core::epoch_ms refresh_expires_at) {
  return in.execute(rotate_session, next_hash, now, access_expires_at, refresh_expires_at, id, seen_hash,
                    seen_generation) == 1;
}

bool revoke(transaction& in, std::string_view id, core::epoch_ms now) {
  return in.execute(revoke_session, now, id) == 1;
}

std::string purge_after(transaction& in, std::string_view after, core::epoch_ms now, std::int64_t limit) {
  const auto keys = in.rows<std::tuple<text_column>>(select_keys, after, limit);
  if (keys.empty()) return {};
  std::string last = std::get<0>(keys.back());
  in.execute(delete_range, after, last, now, now);
  return last;
}

}  // namespace smsauth::store::sessions
