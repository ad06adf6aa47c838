#include "store/commit_marker.hpp"

#include "core/time.hpp"
#include "store/back_off.hpp"
#include "store/session_pool.hpp"

#include <chrono>
#include <random>

namespace smsauth::store {

namespace {

constexpr int max_questions = 5;
constexpr int name_digits = 32;

constexpr sql open_row{"commit_marker.open",
                       "INSERT INTO commit_marker (lane, batch, updated_at) VALUES (:p1, 0, :p2)"};
constexpr sql move_row{"commit_marker.move",
                       "UPDATE commit_marker SET batch = :p1, updated_at = :p2 WHERE lane = :p3 AND batch = :p4"};
// A write, so that it waits for the row's lock and, on a cluster, collides with the transaction in doubt; one that may
// be repeated when its own answer is lost.
constexpr sql ask_row{"commit_marker.ask",
                      "UPDATE commit_marker SET updated_at = updated_at + 1 WHERE lane = :p1 AND batch = :p2"};

core::epoch_ms wall_clock() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string random_name() {
  std::random_device source;
  static constexpr char digits[] = "0123456789abcdef";
  std::string name;
  for (int i = 0; i < name_digits; ++i)
    name += digits[source() % 16];
  return name;
}

}  // namespace

void commit_marker::open(pooled_session& session) {
  // A new name each time: what an earlier row's last transaction came to may stay unknown for good.
  name_ = random_name();
  number_ = 0;
  session.work().execute(open_row, name_, wall_clock());
  session.commit();
  open_ = true;
}

void commit_marker::move(transaction& in) {
  if (in.execute(move_row, number_ + 1, wall_clock(), name_, number_) == 1) return;
  open_ = false;
  throw sql_error(sql_error_kind::refused_open, 0, move_row.name);
}

commit_verdict commit_marker::ask(pooled_session& session) {
  for (int question = 0; question < max_questions; ++question) {
    session.mark_broken();
    try {
      session.ensure_open();
      auto in = session.work();
      const bool unmoved = in.execute(ask_row, name_, number_) == 1;
      const bool moved = !unmoved && in.execute(ask_row, name_, number_ + 1) == 1;
      session.commit();
      if (unmoved) return commit_verdict::not_committed;
      if (!moved) break;  // somebody deleted the row: nobody can tell
      confirm();
      return commit_verdict::committed;
    } catch (const sql_error&) {
      back_off();
    }
  }
  session.mark_broken();
  open_ = false;
  return commit_verdict::unknown;
}

}  // namespace smsauth::store
