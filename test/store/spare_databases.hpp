// MariaDB databases that are used again. Making a schema takes a second, emptying one some milliseconds.
#pragma once

#include "store/migration.hpp"
#include "store/outside_session.hpp"

#include <string>
#include <utility>
#include <vector>

namespace smsauth::test {

/// Databases whose schema a test left alone, emptied. They are dropped at the end of the program.
class spare_databases {
 public:
  static spare_databases& instance() {
    // SOCI's own clean-up at exit has to come after ours.
    static const bool soci_is_up = (outside_session(mysql_settings("information_schema")), true);
    static_cast<void>(soci_is_up);
    static spare_databases one;
    return one;
  }
  ~spare_databases() {
    for (const std::string& name : spare_)
      run_on_server("DROP DATABASE " + name);
  }
  spare_databases(const spare_databases&) = delete;
  spare_databases& operator=(const spare_databases&) = delete;

  /// Empty when there is none.
  std::string take() {
    if (spare_.empty()) return {};
    std::string name = std::move(spare_.back());
    spare_.pop_back();
    return name;
  }

  /// `columns` is what columns_of() said of the new database.
  void put_back(const store::database_settings& settings, const std::string& columns) {
    outside_session session(settings);
    if (columns_of(session) != columns || !has_our_version(session)) {
      run_on_server("DROP DATABASE " + settings.name);
      return;
    }
    session.run("START TRANSACTION");
    for (const std::string& table : tables_of(session))
      session.run("DELETE FROM " + table);
    session.run("INSERT INTO sequence (name, next_value) VALUES ('uid', 1)");
    session.run("COMMIT");
    spare_.push_back(settings.name);
  }

  static std::string columns_of(outside_session& session) {
    return session.text(
        "SELECT COALESCE(GROUP_CONCAT(table_name, '.', column_name ORDER BY table_name, ordinal_position), '') "
        "FROM information_schema.columns WHERE table_schema = DATABASE()");
  }

  /// The database named in the statement need not be there.
  static void run_on_server(const std::string& statement) {
    outside_session(mysql_settings("information_schema")).run(statement);
  }

 private:
  spare_databases() = default;

  static bool has_our_version(outside_session& session) {
    return session.number("SELECT COALESCE(MAX(version), 0) FROM schema_version") == store::newest_schema_version();
  }

  static std::vector<std::string> tables_of(outside_session& session) {
    return session.texts(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name <> "
        "'schema_version'");
  }

  std::vector<std::string> spare_;
};

}  // namespace smsauth::test
