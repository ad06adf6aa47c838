// SQLite's write-ahead log: made durable beside the writer, and moved into the database file before it grows long.
//
// A commit is two things: frames written to the log, and fdatasync, which waits for the disk. synchronous=FULL does
// both within COMMIT, and the one writer stands still meanwhile. Here the writer commits with synchronous=NORMAL, which
// leaves out the second, and goes on; sync() does it on another thread, and nobody is answered before it has returned.
// The log is one file, written in order: a sync covers every commit before it. (Who only reads sees a commit before it
// is durable, as with other engines; nobody was told of it then.)
//
// The log is used from its start again once all of it was copied into the file and synced there, which needs a moment
// without a writer. checkpoint() copies nearly all of it beside the writer, and the writer the rest after a commit.
// What SQLite does by itself is all of it within a COMMIT: a quarter of the writer's time under load.
//
// SQLite before 3.51.3 (Debian 12 has 3.40.1) may skip frames and corrupt the file when a checkpoint begins on a log
// that is copied to its end, and the writer starts it again in that moment (https://sqlite.org/wal.html#walresetbug).
// Here none begins then: copies are made one at a time, and not before two commits have followed a complete one.
#pragma once

#include "store/log_frames.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>

namespace soci {
class session;
}
namespace sqlite_api {
struct sqlite3;
}

namespace smsauth::store {

/// Frames of 4 KiB and a few octets; a flow of a send and a login writes some ten.
struct write_ahead_limits {
  int due_frames = 16'000;   ///< 64 MiB: a checkpoint beside the writer
  int late_frames = 32'000;  ///< the writer does what the other has not
  /// Between two recover(): one writes up to all frames again, and who asks meanwhile is answered "unavailable" at
  /// once.
  std::chrono::milliseconds recover_pause{250};
};

class write_ahead_log {
 public:
  using sync_function = std::function<int(int file)>;

  /// `sync` is fdatasync(2), but in tests.
  explicit write_ahead_log(write_ahead_limits limits = {}, sync_function sync = {});
  ~write_ahead_log();
  write_ahead_log(const write_ahead_log&) = delete;
  write_ahead_log& operator=(const write_ahead_log&) = delete;

  /// `writer` was opened in mode WAL and is the only session of the process that writes: from here on its commits leave
  /// the sync to us. Again whenever it was opened anew. Throws soci::soci_error; std::system_error when the log cannot
  /// be opened.
  void attach(soci::session& writer);
  /// Extending the log costs a commit of the file system's journal (4 ms) until it has been extended once: writes 4
  /// MiB, deletes them, and starts it over. At the start of the one server of this file. Throws soci::soci_error.
  void grow(soci::session& writer);

  /// What was committed before the call is on the disk when it returns true. False: nobody knows what of it is, and so
  /// for all later commits, until recover(). Any thread.
  bool sync() noexcept;
  /// Until recover() no session may copy frames either: not with a checkpoint, and not as the last one that closes.
  bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }
  /// After a sync that failed, before the next transaction, by the writer: writes every frame again whose checksum
  /// still holds, and syncs that. To sync again would not do: Linux tells of lost pages once, and takes them for
  /// written. False: not this time, or tried just now; or, when a frame is damaged, never: then the next start takes
  /// what is whole.
  bool recover() noexcept;

  /// Copies what the log holds into the file, blocking nobody. `helper` is any session but the writer.
  void checkpoint(soci::session& helper) noexcept;
  /// Waits until a checkpoint is due: the log has grown, or `at_most` has passed. False: a stop was requested.
  bool wait_until_due(const std::stop_token& stop, std::chrono::milliseconds at_most);

 private:
  static int after_commit(void* self, sqlite_api::sqlite3* writer, const char* name, int frames);
  void committed(sqlite_api::sqlite3* writer, int frames);
  void note_copied() noexcept;

  const write_ahead_limits limits_;
  const sync_function sync_;
  std::atomic<std::uint64_t> commits_{0};  ///< that wrote frames
  std::atomic<int> frames_{0};             ///< in the log after the last of them
  log_salts salts_{};                      ///< of the log they are in; the writer's, and recover()'s
  std::atomic<bool> failed_{false};
  std::atomic<bool> rest_wanted_{false};  ///< the writer shall copy what is left

  std::mutex file_mutex_;
  int file_ = -1;                                       ///< the log, for its sync only; -1: commits sync by themselves
  std::string path_;                                    ///< of it
  std::uint64_t synced_ = 0;                            ///< of commits_
  std::chrono::steady_clock::time_point recover_at_{};  ///< not before

  std::mutex copy_mutex_;           ///< held while frames are copied into the database file
  std::uint64_t copied_until_ = 0;  ///< commits_ when the last complete copy had ended

  // The writer's, as it commits.
  int due_at_;
  int late_at_;

  std::mutex due_mutex_;
  std::condition_variable_any due_changed_;
  bool due_ = false;
};

}  // namespace smsauth::store
