// The database: sessions, transactions, group commit.
//
// A unit is one request's work: a function of the database that may be run again. run_writes() gives many units one
// commit, make_durable() many commits one sync. Blocking: called on worker threads only.
#pragma once

#include "core/error.hpp"
#include "store/commit_marker.hpp"
#include "store/database_settings.hpp"
#include "store/task.hpp"
#include "store/transaction.hpp"
#include "store/write_ahead_log.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace smsauth::store {

/// One request's work in one transaction.
class unit {
 public:
  unit() = default;
  unit(const unit&) = delete;
  unit& operator=(const unit&) = delete;
  virtual ~unit() = default;

  /// Reads and writes. May run several times; the last run counts. Throws sql_error, or anything on a bug.
  virtual void run(transaction& in) = 0;
  /// Can it share statements with other units (gathering.hpp)? Then begin() is the same as run(), as a task.
  virtual bool gathers() const noexcept { return false; }
  virtual task<void> begin(transaction& in);
  /// Instead of a result: nothing was changed (or, after a lost connection that did not come back or a disk that
  /// failed, perhaps something).
  virtual void fail(core::failure why) noexcept = 0;

  std::chrono::steady_clock::time_point begin_before = std::chrono::steady_clock::time_point::max();
  std::size_t key = 0;  ///< hash of what it is about; units of one key run in order
};

/// What happened, for metrics and for tests that count statements.
struct database_counters {
  std::atomic<std::uint64_t> statements{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> reruns{0};
  std::atomic<std::uint64_t> reconnects{0};
};

class session_pool;

class database {
 public:
  /// `sync`: that of write_ahead_log, for tests.
  explicit database(database_settings settings, write_ahead_log::sync_function sync = {});
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// Opens every session (one by one: pitfall D37); SQLite: creates the file, WAL mode; all but one reading session
  /// open when they are needed. Throws sql_error with cannot_connect or connection_lost when the server is away (try
  /// again), or bug for a refused login, a missing database or an engine that lacks what we need (do not).
  void open();

  /// SQLite, in the one server of the file: prepares the WAL for quick commits. Throws sql_error.
  void grow_log();

  /// Runs the units, in order, in one transaction on a writing session; `lane` is that of the caller and runs one batch
  /// at a time. On MySQL, units that gather share their statements. A failing unit rolls the batch back: then, on
  /// SQLite, the batch runs again with a savepoint per unit, and on MySQL every unit runs again in a transaction of its
  /// own. On SQLite nothing is durable yet, so nobody may be answered: make_durable().
  void run_writes(std::size_t lane, std::span<unit* const> units);

  /// SQLite: returns when everything is on the disk that run_writes() had committed before; where nobody knows whether
  /// it is, fails `units`. Beside the next run_writes(), on a thread of its own. MySQL: nothing, a commit is durable.
  void make_durable(std::span<unit* const> units) noexcept;

  /// Runs units that only read, each seeing committed data, without a transaction around them.
  void run_reads(std::span<unit* const> units);

  /// One write unit by itself: schema work and start-up. Throws sql_error after the retries are spent.
  void run_now(unit& work);

  /// Until this is said, units fail with errc::unavailable at once: the server listens before its database is there.
  void admit_units() noexcept { admitted_.store(true, std::memory_order_release); }

  /// Does it answer, with the schema this binary needs, and can it write (SQLite: no sync has failed)? Reads a real
  /// table: ping succeeds on a node that is cut off.
  bool answers() noexcept;

  /// SQLite: moves the WAL into the file without blocking anybody; after a sync that failed, makes it whole again, also
  /// where nobody asks for a write. MySQL: nothing.
  void checkpoint() noexcept;
  /// SQLite: waits until that is due; false when a stop was requested.
  bool wait_until_checkpoint(const std::stop_token& stop, std::chrono::milliseconds at_most) {
    return log_.wait_until_due(stop, at_most);
  }

  sql_flavor flavor() const noexcept { return settings_.flavor; }
  const database_settings& settings() const noexcept { return settings_; }
  database_counters& counters() noexcept { return counters_; }

 private:
  void run_batch(std::size_t lane, std::span<unit* const> units);
  void run_alone(std::size_t lane, unit& work);
  void run_committed(unit& work);  ///< run_now(), but for the sync
  bool can_write();

  database_settings settings_;
  database_counters counters_;
  std::atomic<bool> admitted_{false};
  write_ahead_log log_;  ///< SQLite only
  std::unique_ptr<session_pool> writers_;
  std::unique_ptr<session_pool> readers_;
  std::vector<commit_marker> markers_;  ///< one per lane; MySQL only
};

}  // namespace smsauth::store
