// SQLite's write-ahead log: made durable beside the writer, and moved into the database file before it grows long.
//
// A commit is two things: frames written to the log, and fdatasync, which waits for the disk. synchronous=FULL does
// both within COMMIT, and the one writer stands still meanwhile. Here the writer commits with synchronous=NORMAL, which
// leaves out the second, and goes on; sync() does it on another thread, and nobody is answered before it has returned.
// The log is one file, written in order: a sync covers every commit before it.
//
// The log is used from its start again once all of it was copied into the file and synced there, which needs a moment
// without a writer. checkpoint() copies nearly all of it beside the writer, and the writer the rest after a commit.
// What SQLite does by itself is all of it within a COMMIT: a quarter of the time under load, measured.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace soci {
class session;
}
namespace sqlite_api {
struct sqlite3;
}

namespace smsauth::store {

/// Frames of 4 KiB and a few octets; a flow of a send and a login writes some ten.
struct write_ahead_limits {
  int due_frames =
      16'000;  ///< 64 MiB: a checkpoint beside the writer (8,000: 6 % fewer flows a second, 32,000: no more)
  int late_frames = 32'000;  ///< the writer does it, whatever it costs
};

class write_ahead_log {
 public:
  explicit write_ahead_log(write_ahead_limits limits = {}) : limits_(limits) {}
  ~write_ahead_log();
  write_ahead_log(const write_ahead_log&) = delete;
  write_ahead_log& operator=(const write_ahead_log&) = delete;

  /// `writer` was opened in mode WAL and is the only session that writes: from here on its commits leave the sync to
  /// us. Again whenever it was opened anew. Throws soci::soci_error; std::system_error when the log cannot be opened.
  void attach(soci::session& writer);

  /// What was committed before the call is on the disk when it returns true. False: nobody knows what of it is, and so
  /// for all later commits, until recover(). Any thread.
  bool sync() noexcept;
  bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }
  /// After a sync that failed, before the next transaction: copies all that was committed into the database file and
  /// syncs that instead (retrying the sync would not do: Linux tells of lost pages once). False: not this time.
  bool recover(soci::session& writer) noexcept;

  /// Copies what the log holds into the file, blocking nobody. `helper` is any session but the writer.
  void checkpoint(soci::session& helper) noexcept;
  /// Waits until a checkpoint is due: the log has grown, or `at_most` has passed. False: a stop was requested.
  bool wait_until_due(const std::stop_token& stop, std::chrono::milliseconds at_most);

 private:
  static int after_commit(void* self, sqlite_api::sqlite3* writer, const char* name, int frames);
  void committed(sqlite_api::sqlite3* writer, int frames);

  const write_ahead_limits limits_;
  std::atomic<std::uint64_t> commits_{0};  ///< that wrote frames
  std::atomic<bool> failed_{false};
  std::atomic<bool> rest_wanted_{false};  ///< the writer shall copy what is left

  std::mutex file_mutex_;
  int file_ = -1;             ///< the log, for fdatasync only; -1: commits sync by themselves
  std::uint64_t synced_ = 0;  ///< of commits_

  // The writer's, as it commits.
  int frames_ = 0;
  int due_at_ = 0;
  int late_at_ = 0;

  std::mutex due_mutex_;
  std::condition_variable_any due_changed_;
  bool due_ = false;
};

}  // namespace smsauth::store
