// Where the database is and how long to wait for it.
#pragma once

#include "core/error.hpp"
#include "store/sql_flavor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace smsauth::store {

struct database_settings {
  sql_flavor flavor = sql_flavor::sqlite;
  // SQLite
  std::string path;
  // MySQL
  std::string host = "127.0.0.1";
  std::uint16_t port = 3306;
  std::string user;
  std::string password;
  std::string name;
  std::string socket;                 ///< Unix socket; host and port are then ignored
  std::vector<std::string> init_sql;  ///< run after every connect, for example "SET wsrep_sync_wait=3"

  std::size_t write_sessions = 1;  ///< MySQL: lanes that write; SQLite: always 1
  std::size_t read_sessions = 1;
  std::int64_t connect_timeout_seconds = 2;
  std::int64_t io_timeout_seconds = 4;    ///< MySQL read and write time-out: below the 5 s handler deadline
  std::int64_t lock_timeout_seconds = 2;  ///< SQLite busy time-out, InnoDB lock wait
  std::int64_t unit_deadline_ms = 4'500;  ///< a unit that waited longer than this in the queue is not begun
};

/// The connection string for SOCI's back end. Quotes, backslashes and blanks in user, password, name and paths are
/// escaped (pitfall D29). Error: invalid_field for a SQLite path that SOCI cannot carry (it splits at '=' and quotes).
core::result<std::string> connection_string(const database_settings& settings);

}  // namespace smsauth::store
