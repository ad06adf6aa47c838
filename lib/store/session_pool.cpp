#include "store/session_pool.hpp"

#include "store/sqlite_connection.hpp"

#include <soci/mysql/soci-mysql.h>

#include <algorithm>
#include <system_error>

namespace smsauth::store {

namespace {

constexpr std::chrono::seconds ping_after_rest{5};

// How the role begins and what InnoDB shall do. autocommit=0 saves a BEGIN round trip per transaction. READ COMMITTED:
// no gap locks, and a SELECT after a lost race sees what the winner wrote. STRICT and backslash escapes are what our
// values and SOCI's quoting count on.
constexpr const char* mysql_mode =
    "SET SESSION sql_mode='STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'";
constexpr const char* mysql_isolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

}  // namespace

pooled_session::pooled_session(soci::session& session, const database_settings& settings, session_role role,
                               std::atomic<std::uint64_t>& statement_counter, write_ahead_log* log)
    : session_(session), settings_(settings), role_(role), counter_(statement_counter), log_(log) {}

void pooled_session::ensure_open() {
  const auto now = std::chrono::steady_clock::now();
  if (usable_ && settings_.flavor == sql_flavor::mysql && now - last_use_ > ping_after_rest) {
    // A session at rest may have been closed by the server (wait_timeout); asking costs 6 us.
    usable_ = session_.is_connected();
  }
  if (!usable_) open();
  last_use_ = now;
}

void pooled_session::mark_broken() noexcept {
  usable_ = false;
}

void pooled_session::open() {
  statements_.clear();  // they point into the session that dies here
  try {
    session_.close();
  } catch (const soci::soci_error&) {  // NOLINT(bugprone-empty-catch): a dead session may fail to say goodbye
  }
  const auto text = connection_string(settings_);
  if (!text) throw sql_error(sql_error_kind::bug, 0, "connection string");
  try {
    // By factory object: opening by name would load a second copy of the back end from disk (D38).
    if (settings_.flavor == sql_flavor::sqlite) {
      session_.open(soci::sqlite3, *text);
    } else {
      session_.open(soci::mysql, *text);
    }
  } catch (const soci::soci_error& error) {
    throw to_sql_error(error, settings_.flavor, "connect");
  }
  if (settings_.flavor == sql_flavor::sqlite) {
    open_sqlite();
  } else {
    open_mysql();
  }
  usable_ = true;
}

void pooled_session::open_sqlite() {
  run_text("PRAGMA journal_mode=WAL", "journal mode");
  run_text("PRAGMA foreign_keys=ON", "foreign keys");
  run_text("PRAGMA cache_size=-16384", "cache size");
  if (role_ == session_role::reader) run_text("PRAGMA query_only=ON", "query only");
  if (log_ == nullptr) return;
  try {
    log_->attach(session_);
  } catch (const soci::soci_error& error) {
    throw to_sql_error(error, settings_.flavor, "write-ahead log");
  } catch (const std::system_error& error) {
    throw sql_error(sql_error_kind::cannot_connect, error.code().value(), "write-ahead log");
  }
}

void pooled_session::open_mysql() {
  run_text(mysql_mode, "sql mode");
  run_text(mysql_isolation, "isolation level");
  run_text("SET SESSION innodb_lock_wait_timeout=" + std::to_string(settings_.lock_timeout_seconds), "lock wait");
  run_text(role_ == session_role::writer ? "SET SESSION autocommit=0" : "SET SESSION autocommit=1", "autocommit");
  for (const std::string& text : settings_.init_sql)
    run_text(text, "init sql");
}

void pooled_session::run_text(const std::string& text, const char* name) {
  try {
    session_.once << text;
  } catch (const soci::soci_error& error) {
    throw to_sql_error(error, settings_.flavor, name);
  }
}

void pooled_session::begin() {
  // MySQL sessions are never in autocommit, so a transaction begins with its first statement.
  if (settings_.flavor == sql_flavor::sqlite) {
    auto in = work();
    static constexpr sql begin_immediate{"begin", "BEGIN IMMEDIATE"};
    in.execute(begin_immediate);
  }
}

void pooled_session::commit() {
  auto in = work();
  static constexpr sql commit_work{"commit", "COMMIT"};
  if (settings_.flavor == sql_flavor::sqlite) {
    in.execute(commit_work);
  } else {
    in.execute_text(commit_work.mysql, commit_work.name);  // as what it is: proxies between look for it
  }
}

void pooled_session::roll_back() noexcept {
  try {
    run_text("ROLLBACK", "rollback");
  } catch (const std::exception&) {
    mark_broken();
  }
}

void pooled_session::savepoint() {
  static constexpr sql text{"savepoint", "SAVEPOINT unit"};
  work().execute(text);
}

void pooled_session::release_savepoint() {
  static constexpr sql text{"release savepoint", "RELEASE SAVEPOINT unit"};
  work().execute(text);
}

void pooled_session::roll_back_to_savepoint() {
  static constexpr sql text{"rollback to savepoint", "ROLLBACK TO SAVEPOINT unit"};
  work().execute(text);
  release_savepoint();
}

void pooled_session::keep_log() noexcept {
  try {
    sqlite_api::sqlite3_db_config(connection_of(session_), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  } catch (const soci::soci_error&) {  // NOLINT(bugprone-empty-catch): not open
  }
}

session_pool::session_pool(std::size_t size, const database_settings& settings, session_role role,
                           std::atomic<std::uint64_t>& statement_counter, write_ahead_log* log)
    : pool_(size) {
  for (std::size_t i = 0; i < size; ++i) {
    sessions_.push_back(std::make_unique<pooled_session>(pool_.at(i), settings, role, statement_counter, log));
  }
}

void session_pool::open_first(std::size_t count) {
  for (std::size_t i = 0; i < std::min(count, sessions_.size()); ++i)
    sessions_[i]->ensure_open();
}

void session_pool::keep_log() noexcept {
  for (const auto& session : sessions_)
    session->keep_log();
}

session_pool::lease::lease(session_pool& pool, std::chrono::milliseconds wait) : pool_(pool) {
  if (pool_.pool_.try_lease(position_, static_cast<int>(wait.count()))) session_ = pool_.sessions_[position_].get();
}

session_pool::lease::~lease() {
  if (session_ != nullptr) pool_.pool_.give_back(position_);
}

}  // namespace smsauth::store
