#include "store/database.hpp"

#include "core/time.hpp"
#include "store/migration.hpp"
#include "store/session_pool.hpp"
#include "telemetry/log.hpp"

#include <random>
#include <thread>

namespace smsauth::store {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds lease_wait{300};
constexpr int max_attempts = 5;
constexpr core::failure gone{core::errc::unavailable, std::int64_t{1}};

constexpr sql open_marker{"commit_marker.open", "INSERT INTO commit_marker (lane, batch, updated_at) VALUES (:p1, 0, :p2)"};
constexpr sql move_marker{"commit_marker.move", "UPDATE commit_marker SET batch = :p1, updated_at = :p2 WHERE lane = :p3 AND batch = :p4"};

core::epoch_ms wall_clock() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::minstd_rand& jitter() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return generator;
}

// Deadlocked units come back at different moments.
void back_off() { std::this_thread::sleep_for(milliseconds(1 + static_cast<int>(jitter()() % 30))); }

void log_failure(const sql_error& error, const char* what) {
  telemetry::log(telemetry::log_level::error, "database",
                 {{"what", std::string_view(what)},
                  {"kind", std::string_view(to_string(error.kind()))},
                  {"number", static_cast<std::int64_t>(error.number())},
                  {"statement", std::string_view(error.statement())}});
}

void log_bug(const char* what) { telemetry::log(telemetry::log_level::error, "bug", {{"what", std::string_view(what)}}); }

bool repeatable(sql_error_kind kind) {
  return kind == sql_error_kind::refused || kind == sql_error_kind::refused_open || kind == sql_error_kind::connection_lost;
}

bool expired(const unit& work) { return steady_clock::now() > work.begin_before; }

std::string random_name() {
  std::random_device source;
  static constexpr char digits[] = "0123456789abcdef";
  std::string name;
  for (int i = 0; i < 16; ++i) name += digits[source() % 16];
  return name;
}

}  // namespace

// MySQL: the number of the lane's last batch, kept in the database by the batches themselves. When a connection dies during
// COMMIT, moving the row from the batch before tells whether the COMMIT happened: the row is locked until it is decided, so
// this read is fenced. One more statement per batch, not per request; no blind repetition of a send or a consumed code.
struct database::lane_state {
  std::string name;
  bool opened = false;
  std::int64_t batch = 0;
};

database::database(database_settings settings)
    : settings_(std::move(settings)),
      node_(random_name()),
      writers_(std::make_unique<session_pool>(settings_.flavor == sql_flavor::sqlite ? 1 : settings_.write_sessions, settings_,
                                              session_role::writer, counters_.statements)),
      // One session more than read lanes: health checks and checkpoints never wait for requests.
      readers_(std::make_unique<session_pool>(settings_.read_sessions + 1, settings_, session_role::reader, counters_.statements)),
      lanes_(std::make_unique<lane_state[]>(settings_.write_sessions)) {
  for (std::size_t i = 0; i < settings_.write_sessions; ++i) lanes_[i].name = node_ + ':' + std::to_string(i);
}

database::~database() = default;

void database::open() {
  writers_->open_all();
  if (settings_.flavor == sql_flavor::sqlite) {
    // Extending the WAL costs a journal commit (4 ms) until it has been grown once: write some 4 MiB and start it over.
    session_pool::lease session(*writers_, lease_wait);
    session->run_text("CREATE TABLE IF NOT EXISTS wal_grower (filler BLOB)", "grow wal");
    session->run_text("INSERT INTO wal_grower VALUES (zeroblob(4194304))", "grow wal");
    session->run_text("DELETE FROM wal_grower", "grow wal");
    session->run_text("PRAGMA wal_checkpoint(RESTART)", "grow wal");
  }
  readers_->open_all();
}

void database::run_writes(std::size_t lane, std::span<unit* const> units) {
  counters_.batches.fetch_add(1, std::memory_order_relaxed);
  std::vector<unit*> live;
  live.reserve(units.size());
  const bool admitted = admitted_.load(std::memory_order_acquire);
  for (unit* work : units) {
    if (!admitted) {
      work->fail(gone);
    } else if (expired(*work)) {
      work->fail({core::errc::busy, std::int64_t{1}});
    } else {
      live.push_back(work);
    }
  }
  if (live.empty()) return;
  if (live.size() == 1) {
    run_alone(lane, *live.front());
  } else {
    run_batch(lane, live);
  }
}

namespace {

// Begins, lets `body` work, commits. On MySQL the marker is moved inside the same transaction.
class write_attempt {
 public:
  write_attempt(pooled_session& session, sql_flavor flavor) : session_(session), flavor_(flavor) { session_.begin(); }

  void commit(const std::string& lane, std::int64_t from_batch) {
    if (flavor_ == sql_flavor::mysql) {
      auto in = session_.work();
      if (in.execute(move_marker, from_batch + 1, wall_clock(), lane, from_batch) != 1) {
        throw sql_error(sql_error_kind::refused_open, 0, move_marker.name);
      }
    }
    committing_ = true;
    session_.commit();
  }
  bool committing() const noexcept { return committing_; }

 private:
  pooled_session& session_;
  sql_flavor flavor_;
  bool committing_ = false;
};

}  // namespace

namespace {

enum class verdict : std::uint8_t { committed, not_committed, unknown };

// After a connection was lost during COMMIT: ask the marker, on a new connection.
verdict ask_marker(pooled_session& session, const std::string& lane, std::int64_t batch) {
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    try {
      session.mark_broken();
      session.ensure_open();
      auto in = session.work();
      // Locks the row, so it waits for a COMMIT that the server is still working on.
      const bool moved = in.execute(move_marker, batch + 1, wall_clock(), lane, batch) == 1;
      session.commit();
      return moved ? verdict::not_committed : verdict::committed;
    } catch (const sql_error&) {
      back_off();
    }
  }
  return verdict::unknown;
}

}  // namespace

void database::run_batch(std::size_t lane, std::span<unit* const> units) {
  lane_state& state = lanes_[lane];
  std::vector<unit*> again;
  {
    session_pool::lease session(*writers_, lease_wait);
    if (!session) {
      for (unit* work : units) work->fail({core::errc::busy, std::int64_t{1}});
      return;
    }
    bool committing = false;
    try {
      session->ensure_open();
      if (settings_.flavor == sql_flavor::mysql && !state.opened) {
        again.assign(units.begin(), units.end());  // run_alone opens the marker
      } else {
        write_attempt attempt(*session, settings_.flavor);
        auto in = session->work();
        for (unit* work : units) {
          if (settings_.flavor == sql_flavor::mysql) {
            work->run(in);
            continue;
          }
          session->savepoint();
          try {
            work->run(in);
            session->release_savepoint();
          } catch (const std::exception&) {
            session->roll_back_to_savepoint();
            again.push_back(work);
          }
        }
        committing = true;
        attempt.commit(state.name, state.batch);
        ++state.batch;
        counters_.commits.fetch_add(1, std::memory_order_relaxed);
      }
    } catch (const std::exception& error) {
      const auto* sql_failure = dynamic_cast<const sql_error*>(&error);
      const bool lost = sql_failure != nullptr && sql_failure->kind() == sql_error_kind::connection_lost;
      verdict ended = verdict::not_committed;
      if (lost && committing && settings_.flavor == sql_flavor::mysql) {
        ended = ask_marker(*session, state.name, state.batch);
        ++state.batch;
      } else if (lost) {
        session->mark_broken();
      } else {
        session->roll_back();
      }
      if (ended == verdict::committed) return;
      if (ended == verdict::unknown) {
        state.opened = false;
        if (sql_failure != nullptr) log_failure(*sql_failure, "outcome unknown");
        for (unit* work : units) work->fail(gone);
        return;
      }
      again.assign(units.begin(), units.end());
    }
  }
  for (unit* work : again) {
    counters_.reruns.fetch_add(1, std::memory_order_relaxed);
    run_alone(lane, *work);
  }
}

void database::run_alone(std::size_t lane, unit& work) {
  lane_state& state = lanes_[lane];
  for (int attempt = 1;; ++attempt) {
    if (expired(work)) return work.fail({core::errc::busy, std::int64_t{1}});
    session_pool::lease session(*writers_, lease_wait);
    if (!session) return work.fail({core::errc::busy, std::int64_t{1}});
    bool committing = false;
    try {
      session->ensure_open();
      if (settings_.flavor == sql_flavor::mysql && !state.opened) {
        // A new name: what an earlier name's last batch came to stays unknown for good.
        state.name = random_name() + ':' + std::to_string(lane);
        state.batch = 0;
        session->work().execute(open_marker, state.name, wall_clock());
        session->commit();
        state.opened = true;
      }
      write_attempt transaction_attempt(*session, settings_.flavor);
      auto in = session->work();
      work.run(in);
      committing = true;
      transaction_attempt.commit(state.name, state.batch);
      ++state.batch;
      counters_.commits.fetch_add(1, std::memory_order_relaxed);
      return;
    } catch (const sql_error& error) {
      if (error.kind() == sql_error_kind::connection_lost) {
        counters_.reconnects.fetch_add(1, std::memory_order_relaxed);
        if (committing && settings_.flavor == sql_flavor::mysql) {
          const verdict ended = ask_marker(*session, state.name, state.batch);
          ++state.batch;
          if (ended == verdict::committed) return;
          if (ended == verdict::unknown) {
            state.opened = false;
            log_failure(error, "outcome unknown");
            return work.fail(gone);
          }
        } else {
          session->mark_broken();
        }
      } else {
        session->roll_back();
      }
      if (error.statement() == move_marker.name) state.opened = false;
      if (!repeatable(error.kind()) || attempt >= max_attempts) {
        log_failure(error, "write");
        const bool our_bug = error.kind() == sql_error_kind::bug || error.kind() == sql_error_kind::duplicate;
        return work.fail(our_bug ? core::failure(core::errc::internal) : gone);
      }
    } catch (const std::exception&) {
      session->roll_back();
      log_bug("exception in a unit of work");
      return work.fail(core::errc::internal);
    }
    back_off();
  }
}

void database::run_reads(std::span<unit* const> units) {
  if (!admitted_.load(std::memory_order_acquire)) {
    for (unit* work : units) work->fail(gone);
    return;
  }
  session_pool::lease session(*readers_, lease_wait);
  for (unit* work : units) {
    if (!session || expired(*work)) {
      work->fail({core::errc::busy, std::int64_t{1}});
      continue;
    }
    for (int attempt = 1;; ++attempt) {
      try {
        session->ensure_open();
        auto in = session->work();
        work->run(in);
        break;
      } catch (const sql_error& error) {
        if (error.kind() == sql_error_kind::connection_lost) session->mark_broken();
        if (attempt < 2 && repeatable(error.kind())) continue;
        log_failure(error, "read");
        work->fail(error.kind() == sql_error_kind::bug ? core::failure(core::errc::internal) : gone);
        break;
      } catch (const std::exception&) {
        log_bug("exception in a unit of work");
        work->fail(core::errc::internal);
        break;
      }
    }
  }
}

void database::run_now(unit& work) {
  for (int attempt = 1;; ++attempt) {
    session_pool::lease session(*writers_, milliseconds(5'000));
    if (!session) throw sql_error(sql_error_kind::refused, 0, "lease");
    try {
      session->ensure_open();
      session->begin();
      auto in = session->work();
      work.run(in);
      session->commit();
      return;
    } catch (const sql_error& error) {
      if (error.kind() == sql_error_kind::connection_lost) {
        session->mark_broken();
      } else {
        session->roll_back();
      }
      if (!repeatable(error.kind()) || attempt >= max_attempts) throw;
    } catch (const std::exception&) {
      session->roll_back();
      throw;
    }
    back_off();
  }
}

bool database::answers() noexcept {
  if (!admitted_.load(std::memory_order_acquire)) return false;
  try {
    session_pool::lease session(*readers_, lease_wait);
    if (!session) return false;
    session->ensure_open();
    try {
      auto in = session->work();
      return schema_version(in) == newest_schema_version();
    } catch (const sql_error& error) {
      if (error.kind() == sql_error_kind::connection_lost) session->mark_broken();
      return false;
    }
  } catch (const std::exception&) {
    return false;
  }
}

void database::checkpoint() noexcept {
  if (settings_.flavor != sql_flavor::sqlite) return;
  try {
    session_pool::lease session(*readers_, lease_wait);
    if (!session) return;
    session->ensure_open();
    session->run_text("PRAGMA wal_checkpoint(PASSIVE)", "checkpoint");
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the next one, or the backstop in SQLite, does it
  }
}

}  // namespace smsauth::store
