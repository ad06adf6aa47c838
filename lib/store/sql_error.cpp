#include "store/sql_error.hpp"

#include <soci/mysql/soci-mysql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cstring>
#include <string>

namespace smsauth::store {

const char* to_string(sql_error_kind kind) noexcept {
  switch (kind) {
    case sql_error_kind::duplicate:
      return "duplicate";
    case sql_error_kind::refused:
      return "refused";
    case sql_error_kind::refused_open:
      return "refused_open";
    case sql_error_kind::connection_lost:
      return "connection_lost";
    case sql_error_kind::cannot_connect:
      return "cannot_connect";
    case sql_error_kind::read_only:
      return "read_only";
    case sql_error_kind::storage_full:
      return "storage_full";
    case sql_error_kind::bug:
      return "bug";
  }
  return "unknown";
}

sql_error_kind classify_mysql(unsigned int number) noexcept {
  switch (number) {
    case 1062:  // duplicate key
      return sql_error_kind::duplicate;
    case 1213:  // deadlock: InnoDB has rolled the transaction back
    case 3101:  // group replication certification
    case 8002:  // TiDB write conflicts
    case 8022:
    case 8028:
    case 9007:
      return sql_error_kind::refused;
    case 1205:  // lock wait time-out: the statement only
    case 1243:  // a prepared statement that a server or proxy has forgotten
    case 1615:  // or would have prepared anew
    case 1461:  // max_prepared_stmt_count: ours are closed then, and prepared again as they are needed
    case 1317:  // query interrupted
    case 1969:  // max_statement_time
    case 3024:  // max_execution_time
      return sql_error_kind::refused_open;
    case 1040:  // too many connections
    case 1203:
    case 1226:
    case 2002:
    case 2003:
    case 2005:
      return sql_error_kind::cannot_connect;
    case 1290:  // --read-only
    case 1836:
      return sql_error_kind::read_only;
    case 1047:  // Galera: node not ready
    case 1053:  // server shutdown in progress
    case 1152:
    case 1180:  // error during COMMIT
    case 1184:
    case 1927:  // connection was killed
    case 2006:
    case 2013:
    case 2055:
    case 4031:  // MySQL 8: closed after a rest
    case 9001:  // TiDB: placement driver or storage did not answer in time; at COMMIT the outcome is open
    case 9002:
    case 9003:
    case 9004:
    case 9005:
      return sql_error_kind::connection_lost;
    case 1021:  // disk full
    case 1114:  // table full
    case 3:
    case 1026:
      return sql_error_kind::storage_full;
    default:
      return sql_error_kind::bug;
  }
}

sql_error_kind classify_sqlite(int result, const char* message) noexcept {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return sql_error_kind::refused;
    case SQLITE_CONSTRAINT:
      return std::strstr(message, "UNIQUE constraint failed") != nullptr ? sql_error_kind::duplicate
                                                                         : sql_error_kind::bug;
    case SQLITE_READONLY:
      return sql_error_kind::read_only;
    case SQLITE_CANTOPEN:
      return sql_error_kind::cannot_connect;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_NOMEM:
      return sql_error_kind::storage_full;
    default:
      return sql_error_kind::bug;
  }
}

sql_error to_sql_error(const soci::soci_error& error, sql_flavor flavor, const char* statement) noexcept {
  if (const auto* mysql = dynamic_cast<const soci::mysql_soci_error*>(&error)) {
    return {classify_mysql(mysql->err_num_), static_cast<int>(mysql->err_num_), statement};
  }
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    // Not what(): after SQLite's own words that holds the bound values, which can read like any error.
    const std::string message = sqlite->get_error_message();
    return {classify_sqlite(sqlite->result(), message.c_str()), sqlite->result(), statement};
  }
  // A plain soci_error without a number: on MySQL a session that is closed ("Session is not connected."), else our
  // mistake.
  if (flavor == sql_flavor::mysql && error.get_error_message().find("not connected") != std::string::npos) {
    return {sql_error_kind::connection_lost, 0, statement};
  }
  return {sql_error_kind::bug, 0, statement};
}

}  // namespace smsauth::store
