// What a unit of work sees of the database: statements inside the transaction it runs in. It neither begins nor ends
// it.
#pragma once

#include "core/time.hpp"
#include "store/prepared.hpp"
#include "store/sql_error.hpp"
#include "store/sql_flavor.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace smsauth::store {

class gathering;

using text_column = std::string;
using int_column = long long;

/// Statements prepared on one session, by the address of their text.
using statement_cache = std::unordered_map<const char*, std::unique_ptr<prepared>>;

namespace detail {

/// A row as a std::tuple of int_column and text_column.
template <class Row>
struct row_reader;

template <class... Column>
struct row_reader<std::tuple<Column...>> {
  static constexpr std::array<column_kind, sizeof...(Column)> kinds{
      (std::is_same_v<Column, text_column> ? column_kind::text : column_kind::integer)...};

  static std::tuple<Column...> read(prepared& from) { return read(from, std::index_sequence_for<Column...>{}); }

 private:
  template <std::size_t... I>
  static std::tuple<Column...> read(prepared& from, std::index_sequence<I...> /*unused*/) {
    return std::tuple<Column...>{column<Column>(from, I)...};
  }
  template <class One>
  static One column(prepared& from, std::size_t position) {
    if constexpr (std::is_same_v<One, text_column>) {
      return from.text(position);
    } else {
      return from.integer(position);
    }
  }
};

}  // namespace detail

class transaction {
 public:
  transaction(soci::session& session, statement_cache& statements, sql_flavor flavor,
              std::atomic<std::uint64_t>& counter, gathering* place = nullptr)
      : session_(session), statements_(statements), flavor_(flavor), counter_(counter), place_(place) {}
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  sql_flavor flavor() const noexcept { return flavor_; }
  /// Where steps wait for those of other units; null: nowhere, they run at once.
  gathering* meets_at() const noexcept { return place_; }

  /// Runs a statement without rows; returns the rows matched. Throws sql_error.
  template <class... Args>
  std::int64_t execute(const sql& statement, const Args&... arguments) {
    const std::array<argument, sizeof...(Args)> values{argument(arguments)...};
    return run(statement, values);
  }

  /// The same with as many values as the text has placeholders.
  std::int64_t execute_with(const sql& statement, std::span<const argument> values) { return run(statement, values); }

  /// First row of a SELECT, or nothing. The statement says LIMIT 1 or names a whole key. Throws sql_error.
  template <class Row, class... Args>
  std::optional<Row> row(const sql& statement, const Args&... arguments) {
    const std::array<argument, sizeof...(Args)> values{argument(arguments)...};
    return first_with<Row>(statement, values);
  }
  /// The same with as many values as the text has placeholders.
  template <class Row>
  std::optional<Row> first_with(const sql& statement, std::span<const argument> values) {
    std::optional<Row> found;
    query(statement, values, detail::row_reader<Row>::kinds, &found, [](void* to, prepared& from) {
      static_cast<std::optional<Row>*>(to)->emplace(detail::row_reader<Row>::read(from));
      return false;
    });
    return found;
  }

  /// All rows. The statement bounds them with LIMIT or a key range. Throws sql_error.
  template <class Row, class... Args>
  std::vector<Row> rows(const sql& statement, const Args&... arguments) {
    const std::array<argument, sizeof...(Args)> values{argument(arguments)...};
    return rows_with<Row>(statement, values);
  }
  /// The same with as many values as the text has placeholders.
  template <class Row>
  std::vector<Row> rows_with(const sql& statement, std::span<const argument> values) {
    std::vector<Row> all;
    query(statement, values, detail::row_reader<Row>::kinds, &all, [](void* to, prepared& from) {
      static_cast<std::vector<Row>*>(to)->push_back(detail::row_reader<Row>::read(from));
      return true;
    });
    return all;
  }

  /// Schema work: a text that is run once and not kept. No values in it. Throws sql_error.
  void execute_text(const std::string& text, const char* name);

  /// MySQL: the value of LAST_INSERT_ID(expr) in the statement just run, 0 when it was not evaluated. No round trip.
  std::int64_t last_insert_id();
  /// MySQL: rows of the INSERT of several rows just run that were there already, changed or not; nothing where the
  /// server does not say (one row, SQLite). No round trip.
  std::optional<std::int64_t> conflicting_rows();

 private:
  /// Takes a row into `to`; false ends the reading.
  using row_taker = bool (*)(void* to, prepared& from);

  std::int64_t run(const sql& statement, std::span<const argument> values);
  void query(const sql& statement, std::span<const argument> values, std::span<const column_kind> columns, void* to,
             row_taker take);
  prepared& find(const sql& statement, std::span<const column_kind> columns);
  sql_error failed(const sql& statement, const soci::soci_error& error) noexcept;

  soci::session& session_;
  statement_cache& statements_;
  sql_flavor flavor_;
  std::atomic<std::uint64_t>& counter_;
  gathering* place_;
};

}  // namespace smsauth::store
