// SOCI's connection pool, with what it lacks: sessions that are checked, reopened with their settings, and that keep
// their prepared statements.
#pragma once

#include "store/database_settings.hpp"
#include "store/transaction.hpp"
#include "store/write_ahead_log.hpp"

#include <soci/connection-pool.h>
#include <soci/session.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace smsauth::store {

enum class session_role : std::uint8_t { writer, reader };

/// One session of the pool. One thread at a time.
class pooled_session {
 public:
  /// `log`: that of a writer on SQLite.
  pooled_session(soci::session& session, const database_settings& settings, session_role role,
                 std::atomic<std::uint64_t>& statement_counter, write_ahead_log* log);

  /// Opens it if it is closed or was marked broken; pings it after 5 s of rest. Throws sql_error.
  void ensure_open();
  /// Its statements and transaction are gone; ensure_open() connects anew.
  void mark_broken() noexcept;

  void begin();
  void commit();
  /// Never throws; a failure marks the session broken.
  void roll_back() noexcept;
  /// SQLite only: around one unit of a batch.
  void savepoint();
  void release_savepoint();
  void roll_back_to_savepoint();

  /// `place`: where its steps wait for those of other units.
  transaction work(gathering* place = nullptr) { return {session_, statements_, settings_.flavor, counter_, place}; }
  /// SQLite: does not copy the log when it closes.
  void keep_log() noexcept;
  /// For what belongs to the engine.
  soci::session& bare() noexcept { return session_; }
  /// A statement outside the cache: settings, schema. Throws sql_error.
  void run_text(const std::string& text, const char* name);

 private:
  void open();
  void open_sqlite();
  void open_mysql();

  soci::session& session_;
  const database_settings& settings_;
  session_role role_;
  std::atomic<std::uint64_t>& counter_;
  write_ahead_log* log_;
  statement_cache statements_;
  bool usable_ = false;
  std::chrono::steady_clock::time_point last_use_{};
};

class session_pool {
 public:
  session_pool(std::size_t size, const database_settings& settings, session_role role,
               std::atomic<std::uint64_t>& statement_counter, write_ahead_log* log = nullptr);

  void open_all() { open_first(sessions_.size()); }
  /// The others are opened when they are leased.
  void open_first(std::size_t count);
  /// SQLite: none of them copies the log when it closes.
  void keep_log() noexcept;

  /// A session for the length of one batch, or nothing within `wait`.
  class lease {
   public:
    lease(session_pool& pool, std::chrono::milliseconds wait);
    ~lease();
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    explicit operator bool() const noexcept { return session_ != nullptr; }
    pooled_session& operator*() const noexcept { return *session_; }
    pooled_session* operator->() const noexcept { return session_; }

   private:
    session_pool& pool_;
    std::size_t position_ = 0;
    pooled_session* session_ = nullptr;
  };

 private:
  soci::connection_pool pool_;
  std::vector<std::unique_ptr<pooled_session>> sessions_;
};

}  // namespace smsauth::store
