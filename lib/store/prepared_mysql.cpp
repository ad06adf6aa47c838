#include "store/prepared_mysql.hpp"

#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>

#include <charconv>
#include <string_view>
#include <vector>

namespace smsauth::store {

namespace {

constexpr std::size_t usual_text_bytes = 128;  ///< ids, hashes, numbers; longer texts get more when they come

class mysql_statement final : public prepared {
 public:
  mysql_statement(MYSQL* connection, const char* text, std::span<const column_kind> columns)
      : statement_(mysql_stmt_init(connection)), columns_(columns.size()), results_(columns.size()) {
    if (statement_ == nullptr) throw soci::soci_error("no memory for a statement");
    const std::string prepared_text = with_question_marks(text);
    try {
      require(mysql_stmt_prepare(statement_, prepared_text.data(), prepared_text.size()));
      if (mysql_stmt_field_count(statement_) != columns.size())
        throw soci::soci_error("another number of columns than the row has");
    } catch (const soci::soci_error&) {
      mysql_stmt_close(statement_);
      throw;
    }
    values_.resize(mysql_stmt_param_count(statement_));
    for (std::size_t i = 0; i < columns.size(); ++i)
      bind_column(i, columns[i]);
  }
  ~mysql_statement() override { mysql_stmt_close(statement_); }
  mysql_statement(const mysql_statement&) = delete;
  mysql_statement& operator=(const mysql_statement&) = delete;

  bool execute(std::span<const argument> values) override {
    if (values.size() != values_.size()) throw soci::soci_error("another number of values than of placeholders");
    for (std::size_t i = 0; i < values.size(); ++i)
      bind_value(values_[i], values[i]);
    if (!values.empty()) require(mysql_stmt_bind_param(statement_, values_.data()));
    require(mysql_stmt_execute(statement_));
    if (columns_.empty()) return false;
    // All rows at once: the connection is free for the next statement, and statements bound their rows.
    require(mysql_stmt_bind_result(statement_, results_.data()));
    require(mysql_stmt_store_result(statement_));
    return fetch();
  }

  bool fetch() override {
    const int result = mysql_stmt_fetch(statement_);
    if (result == MYSQL_NO_DATA) return false;
    if (result != MYSQL_DATA_TRUNCATED) require(result);
    return true;
  }

  long long integer(std::size_t position) override { return not_null(position).number; }

  std::string text(std::size_t position) override {
    column& from = not_null(position);
    if (from.length > from.octets.size()) {
      std::string whole(from.length, '\0');
      MYSQL_BIND into = results_[position];
      into.buffer = whole.data();
      into.buffer_length = whole.size();
      require(mysql_stmt_fetch_column(statement_, &into, static_cast<unsigned int>(position), 0));
      return whole;
    }
    return {from.octets.data(), from.length};
  }

  std::int64_t affected() override { return static_cast<std::int64_t>(mysql_stmt_affected_rows(statement_)); }

  void end() noexcept override {
    if (!columns_.empty()) mysql_stmt_free_result(statement_);
  }

 private:
  struct column {
    long long number = 0;
    std::vector<char> octets;
    unsigned long length = 0;  // NOLINT(google-runtime-int): libmariadb's type
    my_bool is_null = 0;
  };

  void bind_column(std::size_t position, column_kind kind) {
    column& to = columns_[position];
    MYSQL_BIND& bind = results_[position];
    bind.is_null = &to.is_null;
    bind.length = &to.length;
    if (kind == column_kind::integer) {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = &to.number;
      bind.buffer_length = sizeof to.number;
    } else {
      to.octets.resize(usual_text_bytes);
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = to.octets.data();
      bind.buffer_length = to.octets.size();
    }
  }

  static void bind_value(MYSQL_BIND& bind, const argument& value) {
    bind = MYSQL_BIND{};
    if (value.is_text) {
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = const_cast<char*>(value.text.data());  // only read: libmariadb has one type for both ways
      bind.buffer_length = value.text.size();
      bind.length = &bind.buffer_length;
    } else {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = const_cast<std::int64_t*>(&value.number);
    }
  }

  column& not_null(std::size_t position) {
    column& of = columns_[position];
    if (of.is_null != 0) throw soci::soci_error("a column is NULL");
    return of;
  }

  void require(int failed) {
    if (failed == 0) return;
    throw soci::mysql_soci_error(mysql_stmt_error(statement_), static_cast<int>(mysql_stmt_errno(statement_)));
  }

  MYSQL_STMT* statement_;
  std::vector<MYSQL_BIND> values_;
  std::vector<column> columns_;
  std::vector<MYSQL_BIND> results_;
};

MYSQL* connection_of(soci::session& session) {
  // The flavor says which it is; SOCI does not export the type information that dynamic_cast needs.
  const auto* backend = static_cast<soci::mysql_session_backend*>(session.get_backend());
  if (backend == nullptr || backend->conn_ == nullptr) throw soci::soci_error("Session is not connected.");
  return backend->conn_;
}

}  // namespace

std::unique_ptr<prepared> prepare_mysql(soci::session& session, const char* text,
                                        std::span<const column_kind> columns) {
  return std::make_unique<mysql_statement>(connection_of(session), text, columns);
}

std::optional<std::int64_t> mysql_duplicates(soci::session& session) {
  // "Records: 3  Duplicates: 1  Warnings: 0"
  static constexpr std::string_view word = "Duplicates: ";
  const char* const info = mysql_info(connection_of(session));
  if (info == nullptr) return std::nullopt;
  const std::string_view text(info);
  const auto at = text.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data() + at + word.size(), text.data() + text.size(), value);
  if (read.ec != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace smsauth::store
