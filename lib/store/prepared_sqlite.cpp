#include "store/prepared_sqlite.hpp"

#include "store/sqlite_connection.hpp"

namespace smsauth::store {

namespace {

using namespace sqlite_api;  // where SOCI's header puts SQLite's

class sqlite_statement final : public prepared {
 public:
  sqlite_statement(sqlite3* connection, const char* text) : connection_(connection) {
    // PERSISTENT: kept for long, so not in the lookaside memory that short-lived ones use.
    require(sqlite3_prepare_v3(connection, text, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
  }
  ~sqlite_statement() override { sqlite3_finalize(statement_); }
  sqlite_statement(const sqlite_statement&) = delete;
  sqlite_statement& operator=(const sqlite_statement&) = delete;

  bool execute(std::span<const argument> values) override {
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_)) != values.size())
      throw soci::soci_error("another number of values than of placeholders");
    int position = 0;
    for (const argument& value : values) {
      ++position;
      // STATIC: the value outlives the run, and the next run binds anew.
      require(value.is_text ? sqlite3_bind_text64(statement_, position, value.text.data(), value.text.size(),
                                                  SQLITE_STATIC, SQLITE_UTF8)
                            : sqlite3_bind_int64(statement_, position, value.number));
    }
    return fetch();
  }

  bool fetch() override {
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    require(result);
    return false;
  }

  long long integer(std::size_t column) override { return sqlite3_column_int64(statement_, not_null(column)); }

  std::string text(std::size_t column) override {
    const int position = not_null(column);
    const auto* octets = reinterpret_cast<const char*>(sqlite3_column_text(statement_, position));
    return {octets, static_cast<std::size_t>(sqlite3_column_bytes(statement_, position))};
  }

  std::int64_t affected() override { return sqlite3_changes64(connection_); }

  void end() noexcept override { sqlite3_reset(statement_); }

 private:
  void require(int result) {
    if (result == SQLITE_OK) return;
    // The message first: resetting may change it.
    const std::string message = sqlite3_errmsg(connection_);
    sqlite3_reset(statement_);
    throw soci::sqlite3_soci_error(message, result);
  }

  int not_null(std::size_t column) {
    const auto position = static_cast<int>(column);
    if (sqlite3_column_type(statement_, position) == SQLITE_NULL) throw soci::soci_error("a column is NULL");
    return position;
  }

  sqlite3* connection_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

std::unique_ptr<prepared> prepare_sqlite(soci::session& session, const char* text) {
  return std::make_unique<sqlite_statement>(connection_of(session), text);
}

}  // namespace smsauth::store
