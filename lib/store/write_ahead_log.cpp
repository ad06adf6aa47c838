#include "store/write_ahead_log.hpp"

#include "store/sqlite_connection.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace smsauth::store {

namespace {

using namespace sqlite_api;  // where SOCI's header puts SQLite's

constexpr const char* main_database = "main";
constexpr std::uint64_t commits_between_copies =
    2;  ///< see the header; the newest may be in the log but not counted yet

struct progress {
  int result = SQLITE_ERROR;
  int frames = -1;  ///< in the log; -1: the session has not seen that there is one
  int copied = -1;  ///< of them, into the file
  bool complete() const noexcept { return result == SQLITE_OK && frames >= 0 && copied == frames; }
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

void tell(telemetry::log_level level, std::string_view what, int number) {
  telemetry::log(level, "database", {{"what", what}, {"number", static_cast<std::int64_t>(number)}});
}

}  // namespace

write_ahead_log::write_ahead_log(write_ahead_limits limits, sync_function sync)
    : limits_(limits),
      sync_(sync ? std::move(sync) : sync_function(sync_file)),
      due_at_(limits.due_frames),
      late_at_(limits.late_frames) {}

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
  const std::scoped_lock lock(file_mutex_);
  path_ = sqlite3_filename_wal(sqlite3_db_filename(connection, main_database));
  const int opened = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) throw std::system_error(errno, std::generic_category(), "the write-ahead log");
  if (const int before = std::exchange(file_, opened); before >= 0) ::close(before);
  writer.once << "PRAGMA synchronous=NORMAL";
  sqlite3_wal_hook(connection, after_commit, this);  // instead of SQLite's own, which does its automatic checkpoints
}

void write_ahead_log::grow(soci::session& writer) {
  writer.once << "CREATE TABLE IF NOT EXISTS wal_grower (filler BLOB)";
  writer.once << "INSERT INTO wal_grower VALUES (zeroblob(4194304))";
  writer.once << "DELETE FROM wal_grower";
  const std::scoped_lock lock(copy_mutex_);
  copy(connection_of(writer), SQLITE_CHECKPOINT_RESTART);
  note_copied();
}

bool write_ahead_log::sync() noexcept {
  const std::scoped_lock lock(file_mutex_);
  if (failed()) return false;
  const std::uint64_t seen = commits_.load(std::memory_order_acquire);
  if (seen == synced_ || file_ < 0) return true;
  const auto began = std::chrono::steady_clock::now();
  if (sync_(file_) != 0) {
    const int error = errno;
    failed_.store(true, std::memory_order_release);
    tell(telemetry::log_level::error, "the write-ahead log could not be synced", error);
    return false;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
  telemetry::sync_seconds().observe(taken.count());
  synced_ = seen;
  return true;
}

bool write_ahead_log::recover() noexcept {
  const std::scoped_lock copies(copy_mutex_);  // none is on its way that began before
  const std::scoped_lock lock(file_mutex_);
  if (!failed()) return true;
  const auto now = std::chrono::steady_clock::now();
  if (now < recover_at_) return false;
  recover_at_ = now + limits_.recover_pause;
  errno = 0;  // stays so when a frame is damaged
  if (!rewrite_log_frames(path_, frames_.load(std::memory_order_acquire), salts_)) {
    tell(telemetry::log_level::error, "the write-ahead log could not be written again", errno);
    return false;
  }
  if (sync_(file_) != 0) return false;
  synced_ = commits_.load(std::memory_order_acquire);
  failed_.store(false, std::memory_order_release);
  tell(telemetry::log_level::warning, "the write-ahead log was written again and synced", 0);
  return true;
}

void write_ahead_log::checkpoint(soci::session& helper) noexcept {
  try {
    const std::scoped_lock lock(copy_mutex_);
    if (failed() || commits_.load(std::memory_order_acquire) - copied_until_ < commits_between_copies) return;
    const progress made = copy(connection_of(helper), SQLITE_CHECKPOINT_PASSIVE);
    if (made.complete()) note_copied();
    if (made.result != SQLITE_OK && made.result != SQLITE_BUSY)
      tell(telemetry::log_level::error, "checkpoint", made.result);
    // What the writer has added meanwhile stands between us and using the log from its start again.
    if (made.frames >= limits_.due_frames) rest_wanted_.store(true, std::memory_order_release);
  } catch (const soci::soci_error&) {  // NOLINT(bugprone-empty-catch): the next one does it, or the writer
  }
}

/// Under copy_mutex_. Not before the copy has ended: commits counted later may have been in it.
void write_ahead_log::note_copied() noexcept {
  copied_until_ = commits_.load(std::memory_order_acquire);
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
  const int before = frames_.exchange(frames, std::memory_order_release);
  if (const auto salts = read_log_salts(file_)) salts_ = *salts;  // no lock: attach() is the writer's as well
  commits_.fetch_add(1, std::memory_order_release);
  if (frames < before) {  // at its start again
    due_at_ = limits_.due_frames;
    late_at_ = limits_.late_frames;
  }
  if (frames >= late_at_) {
    late_at_ = frames + limits_.due_frames;
    rest_wanted_.store(true, std::memory_order_release);
  }
  if (rest_wanted_.load(std::memory_order_acquire)) {
    // A few hundred frames, a few ms; or later, when nobody else is at it.
    const std::unique_lock lock(copy_mutex_, std::try_to_lock);
    if (lock && !failed()) {
      rest_wanted_.store(false, std::memory_order_release);
      if (copy(writer, SQLITE_CHECKPOINT_PASSIVE).complete()) note_copied();
    }
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
