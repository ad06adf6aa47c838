#include "store/database.hpp"

#include "store/back_off.hpp"
#include "store/gathering.hpp"
#include "store/migration.hpp"
#include "store/session_pool.hpp"
#include "store/sql_error.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <soci/soci-backend.h>

#include <thread>

namespace smsauth::store {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds lease_wait{300};
constexpr milliseconds start_up_lease_wait{5'000};
constexpr int max_attempts = 5;
constexpr core::failure gone{core::errc::unavailable, std::int64_t{1}};
constexpr core::failure too_late{core::errc::busy, std::int64_t{1}};

std::size_t sessions_beside(sql_flavor flavor) {
  return flavor == sql_flavor::sqlite ? 2 : 1;
}

void log_failure(const sql_error& error, const char* what) {
  telemetry::log(telemetry::log_level::error, "database",
                 {{"what", std::string_view(what)},
                  {"kind", std::string_view(to_string(error.kind()))},
                  {"number", static_cast<std::int64_t>(error.number())},
                  {"statement", std::string_view(error.statement())}});
}

void log_bug(const char* what) {
  telemetry::log(telemetry::log_level::error, "bug", {{"what", std::string_view(what)}});
}

bool repeatable(sql_error_kind kind, sql_flavor flavor) {
  // SQLite says busy only after the lock time-out: another process holds the file, and the client has waited enough
  //
  if (kind == sql_error_kind::refused) return flavor == sql_flavor::mysql;
  return kind == sql_error_kind::refused_open || kind == sql_error_kind::connection_lost;
}

core::failure answer_to(sql_error_kind kind) {
  const bool our_bug = kind == sql_error_kind::bug || kind == sql_error_kind::duplicate;
  return our_bug ? core::failure(core::errc::internal) : gone;
}

bool expired(const unit& work) {
  return steady_clock::now() > work.begin_before;
}

void fail_all(std::span<unit* const> units, core::failure why) {
  for (unit* work : units)
    work->fail(why);
}

// One transaction of a lane on a leased session.
class write_attempt {
 public:
  write_attempt(pooled_session& session, commit_marker& marker, sql_flavor flavor)
      : session_(session), marker_(marker), flavor_(flavor) {}

  void begin() {
    session_.ensure_open();
    if (flavor_ == sql_flavor::mysql && !marker_.is_open()) marker_.open(session_);
    session_.begin();
    begun_ = true;
  }
  bool begun() const noexcept { return begun_; }

  void commit() {
    if (flavor_ == sql_flavor::mysql) {
      auto in = session_.work();
      marker_.move(in);
    }
    committing_ = true;
    session_.commit();
    marker_.confirm();
  }

  // How it ended when `error` was thrown; the session is fit for the next one afterwards.
  commit_verdict end_after(const sql_error& error) {
    // Only a refusal (deadlock, certification) of the COMMIT itself says for sure that nothing was stored.
    if (committing_ && flavor_ == sql_flavor::mysql && error.kind() != sql_error_kind::refused)
      return marker_.ask(session_);
    if (error.kind() == sql_error_kind::connection_lost) {
      session_.mark_broken();
    } else {
      session_.roll_back();
    }
    return commit_verdict::not_committed;
  }

 private:
  pooled_session& session_;
  commit_marker& marker_;
  sql_flavor flavor_;
  bool begun_ = false;
  bool committing_ = false;
};

// SQLite: runs each unit within a savepoint; returns those that threw, their changes taken back.
std::vector<unit*> run_in_savepoints(pooled_session& session, std::span<unit* const> units) {
  std::vector<unit*> failed;
  auto in = session.work();
  for (unit* work : units) {
    session.savepoint();
    try {
      work->run(in);
      session.release_savepoint();
    } catch (const std::exception&) {
      session.roll_back_to_savepoint();
      failed.push_back(work);
    }
  }
  return failed;
}

// SQLite: runs the units in the transaction that has begun; returns those that threw, their changes taken back. Without
// savepoints at first: each is two statements more and makes SQLite keep the pages that its unit changes, and units
// hardly ever throw.
std::vector<unit*> run_in_one(pooled_session& session, std::span<unit* const> units) {
  try {
    auto in = session.work();
    for (unit* work : units)
      work->run(in);
    return {};
  } catch (const std::exception&) {
    session.roll_back();
  }
  session.begin();
  return run_in_savepoints(session, units);
}

// Tells the metrics of a batch when it has ended.
class batch_timer {
 public:
  explicit batch_timer(std::size_t jobs) { telemetry::batch_jobs().observe(static_cast<double>(jobs)); }
  ~batch_timer() {
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun_;
    telemetry::commit_seconds().observe(taken.count());
  }
  batch_timer(const batch_timer&) = delete;
  batch_timer& operator=(const batch_timer&) = delete;

 private:
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace

task<void> unit::begin(transaction& in) {
  run(in);
  co_return;
}

database::database(database_settings settings, write_ahead_log::sync_function sync)
    : settings_(std::move(settings)),
      log_({}, std::move(sync)),
      writers_(std::make_unique<session_pool>(settings_.flavor == sql_flavor::sqlite ? 1 : settings_.write_sessions,
                                              settings_, session_role::writer, counters_.statements,
                                              settings_.flavor == sql_flavor::sqlite ? &log_ : nullptr)),
      // More sessions than read lanes: health checks and checkpoints never wait for requests or each other.
      readers_(std::make_unique<session_pool>(settings_.read_sessions + sessions_beside(settings_.flavor), settings_,
                                              session_role::reader, counters_.statements)),
      markers_(settings_.write_sessions) {}

database::~database() {
  // The last session that closes would copy the log without looking at checksums; the next start takes what is whole.
  if (!log_.failed()) return;
  writers_->keep_log();
  readers_->keep_log();
}

void database::open() {
  writers_->open_all();
  if (settings_.flavor == sql_flavor::sqlite) {
    readers_->open_first(1);  // opening a file is quick, and an open one takes 0.1 MB
  } else {
    readers_->open_all();
  }
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
      work->fail(too_late);
    } else {
      live.push_back(work);
    }
  }
  if (live.empty()) return;
  if (!can_write()) return fail_all(live, gone);
  const batch_timer timer(live.size());
  if (live.size() == 1) {
    run_alone(lane, *live.front());
  } else {
    run_batch(lane, live);
  }
}

/// After a sync that failed, not before what is committed is safe.
bool database::can_write() {
  if (!log_.failed()) return true;
  session_pool::lease session(*writers_, lease_wait);
  if (!session) return false;
  try {
    session->ensure_open();
  } catch (const sql_error&) {
    return false;
  }
  return log_.recover();
}

void database::grow_log() {
  if (settings_.flavor != sql_flavor::sqlite) return;
  session_pool::lease session(*writers_, start_up_lease_wait);
  if (!session) throw sql_error(sql_error_kind::refused, 0, "lease");
  try {
    log_.grow(session->bare());
  } catch (const soci::soci_error& error) {
    throw to_sql_error(error, settings_.flavor, "grow wal");
  }
  session->run_text("PRAGMA shrink_memory", "grow wal");  // 4.4 MB of cached pages that nobody needs
}

void database::make_durable(std::span<unit* const> units) noexcept {
  if (!log_.sync()) fail_all(units, gone);
}

void database::run_batch(std::size_t lane, std::span<unit* const> units) {
  std::vector<unit*> again;
  {
    session_pool::lease session(*writers_, lease_wait);
    if (!session) return fail_all(units, too_late);
    write_attempt attempt(*session, markers_[lane], settings_.flavor);
    try {
      attempt.begin();
      if (settings_.flavor == sql_flavor::sqlite) {
        again = run_in_one(*session, units);
      } else {
        run_together(*session, units);
      }
      attempt.commit();
      counters_.commits.fetch_add(1, std::memory_order_relaxed);
    } catch (const sql_error& error) {
      if (error.kind() == sql_error_kind::connection_lost) counters_.reconnects.fetch_add(1, std::memory_order_relaxed);
      const commit_verdict ended = attempt.end_after(error);
      if (ended == commit_verdict::committed) return;
      if (ended == commit_verdict::unknown) {
        log_failure(error, "outcome unknown");
        return fail_all(units, gone);
      }
      if (!attempt.begun() && !repeatable(error.kind(), settings_.flavor)) {
        log_failure(error, "begin");
        return fail_all(units, answer_to(error.kind()));
      }
      again.assign(units.begin(), units.end());
    } catch (const std::exception&) {
      session->roll_back();
      again.assign(units.begin(), units.end());
    }
  }
  for (unit* work : again) {
    counters_.reruns.fetch_add(1, std::memory_order_relaxed);
    run_alone(lane, *work);
  }
}

void database::run_alone(std::size_t lane, unit& work) {
  for (int attempts = 1;; ++attempts) {
    if (expired(work)) return work.fail(too_late);
    if (log_.failed()) return work.fail(gone);
    session_pool::lease session(*writers_, lease_wait);
    if (!session) return work.fail(too_late);
    write_attempt attempt(*session, markers_[lane], settings_.flavor);
    try {
      attempt.begin();
      auto in = session->work();
      work.run(in);
      attempt.commit();
      counters_.commits.fetch_add(1, std::memory_order_relaxed);
      return;
    } catch (const sql_error& error) {
      if (error.kind() == sql_error_kind::connection_lost) counters_.reconnects.fetch_add(1, std::memory_order_relaxed);
      const commit_verdict ended = attempt.end_after(error);
      if (ended == commit_verdict::committed) return;
      if (ended == commit_verdict::unknown) {
        log_failure(error, "outcome unknown");
        return work.fail(gone);
      }
      if (!repeatable(error.kind(), settings_.flavor) || attempts >= max_attempts) {
        log_failure(error, "write");
        return work.fail(answer_to(error.kind()));
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
    for (unit* work : units)
      work->fail(gone);
    return;
  }
  session_pool::lease session(*readers_, lease_wait);
  for (unit* work : units) {
    if (!session || expired(*work)) {
      work->fail(too_late);
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
        if (attempt < 2 && repeatable(error.kind(), settings_.flavor)) continue;
        log_failure(error, "read");
        work->fail(answer_to(error.kind()));
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
  run_committed(work);
  if (!log_.sync()) throw sql_error(sql_error_kind::storage_full, 0, "sync");
}

void database::run_committed(unit& work) {
  for (int attempt = 1;; ++attempt) {
    session_pool::lease session(*writers_, start_up_lease_wait);
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
      const bool again = error.kind() == sql_error_kind::refused || repeatable(error.kind(), settings_.flavor);
      if (!again || attempt >= max_attempts) throw;
    } catch (const std::exception&) {
      session->roll_back();
      throw;
    }
    back_off();
  }
}

bool database::answers() noexcept {
  if (!admitted_.load(std::memory_order_acquire) || log_.failed()) return false;
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
    if (!can_write()) return;
    session_pool::lease session(*readers_, lease_wait);
    if (!session) return;
    session->ensure_open();
    log_.checkpoint(session->bare());
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the next one does it, or the writer
  }
}

}  // namespace smsauth::store
