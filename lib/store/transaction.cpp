#include "store/transaction.hpp"

#include "store/prepared_mysql.hpp"

#include <soci/soci.h>

namespace smsauth::store {

namespace {

constexpr int too_many_prepared = 1461;  // ER_MAX_PREPARED_STMT_COUNT_REACHED

/// Ends a statement's run, however its reading ends.
class run_guard {
 public:
  explicit run_guard(prepared& statement) : statement_(statement) {}
  ~run_guard() { statement_.end(); }
  run_guard(const run_guard&) = delete;
  run_guard& operator=(const run_guard&) = delete;

 private:
  prepared& statement_;
};

}  // namespace

std::int64_t transaction::run(const sql& statement, std::span<const argument> values) {
  counter_.fetch_add(1, std::memory_order_relaxed);
  try {
    prepared& ready = find(statement, {});
    const run_guard guard(ready);
    ready.execute(values);
    return ready.affected();
  } catch (const soci::soci_error& error) {
    throw failed(statement, error);
  }
}

void transaction::query(const sql& statement, std::span<const argument> values, std::span<const column_kind> columns,
                        void* to, row_taker take) {
  counter_.fetch_add(1, std::memory_order_relaxed);
  try {
    prepared& ready = find(statement, columns);
    const run_guard guard(ready);
    bool more = ready.execute(values);
    while (more && take(to, ready))
      more = ready.fetch();
  } catch (const soci::soci_error& error) {
    throw failed(statement, error);
  }
}

prepared& transaction::find(const sql& statement, std::span<const column_kind> columns) {
  const char* const text = statement.text(flavor_);
  auto& slot = statements_[text];
  if (!slot) slot = prepare(session_, flavor_, text, columns);
  return *slot;
}

sql_error transaction::failed(const sql& statement, const soci::soci_error& error) noexcept {
  sql_error translated = to_sql_error(error, flavor_, statement.name);
  // A duplicate is an answer that some statements get often. After anything else it is prepared anew, as a server or a
  // proxy between may have forgotten it.
  if (translated.kind() != sql_error_kind::duplicate) statements_.erase(statement.text(flavor_));
  if (flavor_ == sql_flavor::mysql && translated.number() == too_many_prepared) statements_.clear();
  return translated;
}

void transaction::execute_text(const std::string& text, const char* name) {
  counter_.fetch_add(1, std::memory_order_relaxed);
  try {
    session_.once << text;
  } catch (const soci::soci_error& error) {
    throw to_sql_error(error, flavor_, name);
  }
}

std::int64_t transaction::last_insert_id() {
  long long value = 0;
  if (flavor_ == sql_flavor::mysql) session_.get_last_insert_id({}, value);
  return value;
}

std::optional<std::int64_t> transaction::conflicting_rows() {
  if (flavor_ != sql_flavor::mysql) return std::nullopt;
  return mysql_duplicates(session_);
}

}  // namespace smsauth::store
