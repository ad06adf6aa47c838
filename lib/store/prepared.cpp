#include "store/prepared.hpp"

#include "store/prepared_mysql.hpp"
#include "store/prepared_sqlite.hpp"

namespace smsauth::store {

std::unique_ptr<prepared> prepare(soci::session& session, sql_flavor flavor, const char* text,
                                  std::span<const column_kind> columns) {
  if (flavor == sql_flavor::sqlite) return prepare_sqlite(session, text);
  return prepare_mysql(session, text, columns);
}

std::string with_question_marks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\'') quoted = !quoted;
    if (quoted || !text.substr(at).starts_with(":p")) {
      out += text[at];
      continue;
    }
    out += '?';
    at = text.find_first_not_of("0123456789", at + 2);
    if (at == std::string_view::npos) break;
    --at;
  }
  return out;
}

}  // namespace smsauth::store
