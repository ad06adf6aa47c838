// The two engines and the texts that differ between them.
#pragma once

#include <cstdint>

namespace smsauth::store {

enum class sql_flavor : std::uint8_t { sqlite, mysql };

/// A named statement. The text is the same on both engines wherever it can be; a statement is prepared once per session
/// and known by the address of its text, so these are constants with static storage.
///
/// Placeholders are :p1 :p2 … in the order of the arguments, each used once: SOCI binds by position, and SQLite folds
/// repeated names into one position.
struct sql {
  constexpr sql(const char* statement_name, const char* both) : name(statement_name), sqlite(both), mysql(both) {}
  constexpr sql(const char* statement_name, const char* for_sqlite, const char* for_mysql)
      : name(statement_name), sqlite(for_sqlite), mysql(for_mysql) {}

  const char* text(sql_flavor flavor) const noexcept { return flavor == sql_flavor::sqlite ? sqlite : mysql; }

  const char* name;  ///< for the log: never the text, never values
  const char* sqlite;
  const char* mysql;
};

}  // namespace smsauth::store
