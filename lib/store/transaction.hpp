// What a unit of work sees of the database: statements inside the transaction it runs in. It neither begins nor ends
// it.
#pragma once

#include "core/time.hpp"
#include "store/prepared.hpp"
#include "store/sql_error.hpp"
#include "store/sql_flavor.hpp"

#include <soci/soci.h>

#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace smsauth::store {

using text_column = std::string;
using int_column = long long;

/// Statements prepared on one session, by the address of their text.
using statement_cache = std::unordered_map<const char*, std::unique_ptr<prepared_base>>;

class transaction {
 public:
  transaction(soci::session& session, statement_cache& statements, sql_flavor flavor,
              std::atomic<std::uint64_t>& counter)
      : session_(session), statements_(statements), flavor_(flavor), counter_(counter) {}
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  sql_flavor flavor() const noexcept { return flavor_; }

  /// Runs a statement without rows; returns the rows matched. Throws sql_error.
  template <class... Args>
  std::int64_t execute(const sql& statement, const Args&... arguments) {
    using type = prepared<std::tuple<>, bound<Args>...>;
    return guarded(statement, [&] {
      auto& ready = find<type>(statement);
      ready.bind(arguments...);
      ready.execute();
      return ready.affected();
    });
  }

  /// First row of a SELECT, or nothing. The statement says LIMIT 1 or names a whole key. Throws sql_error.
  template <class Row, class... Args>
  std::optional<Row> row(const sql& statement, const Args&... arguments) {
    using type = prepared<Row, bound<Args>...>;
    return guarded(statement, [&]() -> std::optional<Row> {
      auto& ready = find<type>(statement);
      ready.bind(arguments...);
      if (!ready.execute()) return std::nullopt;
      std::optional<Row> found = ready.row();
      // A SELECT that was not read to its end keeps SQLite's snapshot and lock.
      while (ready.fetch()) {
      }
      return found;
    });
  }

  /// All rows. The statement bounds them with LIMIT or a key range. Throws sql_error.
  template <class Row, class... Args>
  std::vector<Row> rows(const sql& statement, const Args&... arguments) {
    using type = prepared<Row, bound<Args>...>;
    return guarded(statement, [&] {
      auto& ready = find<type>(statement);
      ready.bind(arguments...);
      std::vector<Row> all;
      for (bool more = ready.execute(); more; more = ready.fetch())
        all.push_back(ready.row());
      return all;
    });
  }

  /// Schema work: a text that is run once and not kept. No values in it. Throws sql_error.
  void execute_text(const std::string& text, const char* name);

  /// MySQL: the value of LAST_INSERT_ID(expr) in the statement just run, 0 when it was not evaluated. No round trip.
  std::int64_t last_insert_id();

 private:
  template <class Type>
  Type& find(const sql& statement) {
    const char* text = statement.text(flavor_);
    auto& slot = statements_[text];
    if (!slot) slot = std::make_unique<Type>(session_, text);
    assert(dynamic_cast<Type*>(slot.get()) != nullptr);  // one text, one set of argument and row types
    return static_cast<Type&>(*slot);
  }

  template <class Work>
  auto guarded(const sql& statement, Work&& work) -> decltype(work()) {
    counter_.fetch_add(1, std::memory_order_relaxed);
    try {
      return work();
    } catch (const soci::soci_error& error) {
      const sql_error translated = to_sql_error(error, flavor_, statement.name);
      // A statement that failed half-way may hold an open cursor: prepare it anew next time.
      statements_.erase(statement.text(flavor_));
      throw translated;
    }
  }

  soci::session& session_;
  statement_cache& statements_;
  sql_flavor flavor_;
  std::atomic<std::uint64_t>& counter_;
};

}  // namespace smsauth::store
