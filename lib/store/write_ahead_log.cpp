#include "store/write_ahead_log.hpp"

#include "store/sqlite_connection.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace smsauth::store {

namespace {

using namespace sqlite_api;  // where SOCI's header puts SQLite's

constexpr const char* main_database = "main";

struct progress {
  int result = SQLITE_ERROR;
  int frames = 0;  ///< in the log
  int copied = 0;  ///< of them, into the file
  bool whole() const noexcept { return result == SQLITE_OK && copied == frames; }
};

progress copy(sqlite3* connection, int mode) noexcept {
  progress made;
  made.result = sqlite3_wal_checkpoint_v2(connection, main_database, mode, &made.frames, &made.copied);
  return made;
}

int sync_file(int file) noexcept {
  int result = ::fdatasync(file);
  while (result != 0 && errno == EINTR)
    result = ::fdatasync(file);
  return result;
}

}  // namespace

write_ahead_log::~write_ahead_log() {
  if (file_ >= 0) ::close(file_);
}

void write_ahead_log::attach(soci::session& writer) {
  sync();  // of the session before: its file may be another one
  std::string mode;
  writer.once << "PRAGMA journal_mode", soci::into(mode);
  if (mode != "wal") return;  // a file system without shared memory: then SQLite's own sync is what we have
  int tables = 0;
  writer.once << "SELECT count(*) FROM sqlite_master", soci::into(tables);  // opens the log, which it makes at need
  sqlite3* const connection = connection_of(writer);
  const char* const path = sqlite3_filename_wal(sqlite3_db_filename(connection, main_database));
  const std::scoped_lock lock(file_mutex_);
  const int opened = ::open(path, O_RDONLY | O_CLOEXEC);
  if (opened < 0) throw std::system_error(errno, std::generic_category(), "the write-ahead log");
  if (const int before = std::exchange(file_, opened); before >= 0) ::close(before);
  writer.once << "PRAGMA synchronous=NORMAL";
  frames_ = 0;
  due_at_ = limits_.due_frames;
  late_at_ = limits_.late_frames;
  sqlite3_wal_hook(connection, after_commit, this);  // instead of SQLite's own, which does its automatic checkpoints
}

bool write_ahead_log::sync() noexcept {
  const std::scoped_lock lock(file_mutex_);
  if (failed()) return false;
  const std::uint64_t seen = commits_.load(std::memory_order_acquire);
  if (seen == synced_ || file_ < 0) return true;
  const auto began = std::chrono::steady_clock::now();
  if (sync_file(file_) != 0) {
    const int error = errno;
    failed_.store(true, std::memory_order_release);
    telemetry::log(telemetry::log_level::error, "database",
                   {{"what", std::string_view("the write-ahead log could not be synced")},
                    {"number", static_cast<std::int64_t>(error)}});
    return false;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
  telemetry::sync_seconds().observe(taken.count());
  synced_ = seen;
  return true;
}

bool write_ahead_log::recover(soci::session& writer) noexcept {
  try {
    if (!copy(connection_of(writer), SQLITE_CHECKPOINT_RESTART).whole()) return false;
  } catch (const soci::soci_error&) {
    return false;
  }
  const std::scoped_lock lock(file_mutex_);
  synced_ = commits_.load(std::memory_order_acquire);
  failed_.store(false, std::memory_order_release);
  telemetry::log(telemetry::log_level::warning, "database",
                 {{"what", std::string_view("the write-ahead log was copied and starts again")}});
  return true;
}

void write_ahead_log::checkpoint(soci::session& helper) noexcept {
  try {
    const progress made = copy(connection_of(helper), SQLITE_CHECKPOINT_PASSIVE);
    // What the writer has added meanwhile stands between us and using the log from its start again.
    if (made.frames >= limits_.due_frames) rest_wanted_.store(true, std::memory_order_release);
  } catch (const soci::soci_error&) {  // NOLINT(bugprone-empty-catch): the next one does it, or the writer
  }
}

bool write_ahead_log::wait_until_due(const std::stop_token& stop, std::chrono::milliseconds at_most) {
  std::unique_lock lock(due_mutex_);
  due_changed_.wait_for(lock, stop, at_most, [this] { return due_; });
  due_ = false;
  return !stop.stop_requested();
}

int write_ahead_log::after_commit(void* self, sqlite3* writer, const char* /*name*/, int frames) {
  static_cast<write_ahead_log*>(self)->committed(writer, frames);
  return SQLITE_OK;
}

void write_ahead_log::committed(sqlite3* writer, int frames) {
  commits_.fetch_add(1, std::memory_order_release);
  if (frames < frames_) {  // at its start again
    due_at_ = limits_.due_frames;
    late_at_ = limits_.late_frames;
  }
  frames_ = frames;
  const bool late = frames >= late_at_;
  if (late) late_at_ = frames + limits_.due_frames;
  if (late || rest_wanted_.exchange(false, std::memory_order_acq_rel)) {
    // A few hundred frames, a few ms. Busy: the other one is at it, and asks again.
    copy(writer, SQLITE_CHECKPOINT_PASSIVE);
  }
  if (frames < due_at_) return;
  due_at_ = frames + limits_.due_frames;
  {
    const std::scoped_lock lock(due_mutex_);
    due_ = true;
  }
  due_changed_.notify_one();
}

}  // namespace smsauth::store
