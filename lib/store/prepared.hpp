// One prepared statement on a session's connection, by the engine's own interface.
//
// SOCI 4.0.3 writes the values into the text of MySQL's statements, which the server then parses each time: a flow of
// send and login takes MariaDB 0.64 ms of CPU this way, and took 0.93 ms. Sessions, connecting and errors are SOCI's.
#pragma once

#include "store/sql_flavor.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace soci {
class session;
}

namespace smsauth::store {

/// A value for a placeholder. A text is not copied: it outlives the statement's run.
struct argument {
  // Not explicit: statements take values as they are.
  argument(std::string_view value) : text(value.data() == nullptr ? "" : value), is_text(true) {}  // no pointer is NULL
  argument(const std::string& value) : argument(std::string_view(value)) {}
  argument(const char* value) : argument(std::string_view(value)) {}
  argument(std::integral auto value) : number(static_cast<std::int64_t>(value)) {}

  std::string_view text;
  std::int64_t number = 0;  ///< 64 bits throughout: SQLite would cut at 32 otherwise (pitfall D33)
  bool is_text = false;
};

enum class column_kind : std::uint8_t { integer, text };

/// Everything throws soci::soci_error, of the engine's kind where the engine said something.
class prepared {
 public:
  prepared() = default;
  prepared(const prepared&) = delete;
  prepared& operator=(const prepared&) = delete;
  virtual ~prepared() = default;

  /// Runs it; true when there is a row. `values` in the order of the placeholders, as many as they.
  virtual bool execute(std::span<const argument> values) = 0;
  /// The next row.
  virtual bool fetch() = 0;
  /// Of the row, by position from 0. Throws for NULL: our statements select none.
  virtual long long integer(std::size_t column) = 0;
  virtual std::string text(std::size_t column) = 0;
  /// Rows matched by the last run.
  virtual std::int64_t affected() = 0;
  /// Ends a run, so that the next may begin; SQLite keeps its snapshot and lock until then.
  virtual void end() noexcept = 0;
};

/// `columns`: of the rows, empty for statements without.
std::unique_ptr<prepared> prepare(soci::session& session, sql_flavor flavor, const char* text,
                                  std::span<const column_kind> columns);

/// MySQL's form of a text: each :p1 :p2 … outside quotes as ?.
std::string with_question_marks(std::string_view text);

}  // namespace smsauth::store
