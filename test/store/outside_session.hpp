// A connection beside the product's own: another process, or an administrator.
#pragma once

#include "app/database_uri.hpp"
#include "store/database_settings.hpp"

#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace smsauth::test {

inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Settings of a database `name` on the server of an environment variable, which holds a URI without a name.
inline store::database_settings mysql_settings(const std::string& name,
                                               const char* variable = "SMSAUTHD_TEST_MYSQL_URI") {
  std::string uri = environment(variable);
  const auto question = uri.find('?');
  uri.insert(question == std::string::npos ? uri.size() : question, name);
  const auto parsed = app::parse_database_uri(uri);
  if (!parsed) throw std::runtime_error(std::string("not a database URI: ") + variable);
  return *parsed;
}

/// Queries are written by the tests and hold no colon. Throws soci::soci_error.
class outside_session {
 public:
  explicit outside_session(const store::database_settings& settings) {
    const std::string text = store::connection_string(settings).value();
    if (settings.flavor == store::sql_flavor::sqlite) {
      session_.open(soci::sqlite3, text);
    } else {
      session_.open(soci::mysql, text);
    }
  }
  void run(const std::string& statement) { session_.once << statement; }

  /// The first column of the first row; the query makes sure that there is one.
  long long number(const std::string& query) {
    long long value = 0;
    session_.once << query, soci::into(value);
    return value;
  }
  std::string text(const std::string& query) {
    std::string value;
    session_.once << query, soci::into(value);
    return value;
  }
  /// The first column of all rows.
  std::vector<std::string> texts(const std::string& query) {
    std::vector<std::string> all;
    std::string one;
    soci::statement rows = (session_.prepare << query, soci::into(one));
    rows.execute();
    while (rows.fetch())
      all.push_back(one);
    return all;
  }

 private:
  soci::session session_;
};

}  // namespace smsauth::test
