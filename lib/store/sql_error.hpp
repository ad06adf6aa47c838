// What a database error means for the work in hand (retry classes; spec: design page on SQL, section 3).
//
// SOCI's what() holds the SQL and every bound value, codes and numbers included: it is never read here, only the
// engine's number and, for SQLite, whose one number for all constraints says too little, the engine's own words.
#pragma once

#include "store/sql_flavor.hpp"

#include <cstdint>
#include <exception>

namespace soci {
class soci_error;
}

namespace smsauth::store {

enum class sql_error_kind : std::uint8_t {
  duplicate,        ///< a unique key exists already: an answer, not a failure
  refused,          ///< not applied and the transaction is gone (deadlock, busy): repeat the whole unit
  refused_open,     ///< only the statement failed, the transaction is still open: roll back, then as refused
  connection_lost,  ///< the session is dead; what was committed before stands, a COMMIT under way is unknown
  cannot_connect,   ///< nothing was sent
  read_only,        ///< this node takes no writes now
  storage_full,     ///< disk full, I/O error, corrupt file: writes fail, the process lives
  bug               ///< our SQL or our values are wrong: never repeated
};
const char* to_string(sql_error_kind kind) noexcept;

/// An engine error with nothing in it that came from a user.
class sql_error : public std::exception {
 public:
  sql_error(sql_error_kind kind, int number, const char* statement) noexcept
      : kind_(kind), number_(number), statement_(statement) {}

  sql_error_kind kind() const noexcept { return kind_; }
  int number() const noexcept { return number_; }                ///< the engine's own error number, 0 = unknown
  const char* statement() const noexcept { return statement_; }  ///< name of the statement, a literal
  const char* what() const noexcept override { return to_string(kind_); }

 private:
  sql_error_kind kind_;
  int number_;
  const char* statement_;
};

/// MySQL/MariaDB client and server error number → kind.
sql_error_kind classify_mysql(unsigned int number) noexcept;
/// SQLite result code and SQLite's own message, without SOCI's context → kind.
sql_error_kind classify_sqlite(int result, const char* message) noexcept;
/// Any exception of SOCI. `statement` names what was run.
sql_error to_sql_error(const soci::soci_error& error, sql_flavor flavor, const char* statement) noexcept;

}  // namespace smsauth::store
