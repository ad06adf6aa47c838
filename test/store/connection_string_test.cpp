#include "store/database_settings.hpp"
#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace smsauth;

namespace {

store::database_settings mysql() {
  store::database_settings s;
  s.flavor = store::sql_flavor::mysql;
  s.host = "db.example";
  s.port = 3307;
  s.user = "u";
  s.name = "app";
  return s;
}

}  // namespace

TEST_CASE("MySQL: every value is quoted, quotes and backslashes escaped") {
  struct row {
    std::string password;
    std::string written;
  };
  const std::vector<row> rows{
      {"", "password=''"},
      {"plain", "password='plain'"},
      {" blank ", "password=' blank '"},
      {"it's", R"(password='it\'s')"},
      {R"(say "x")", R"(password='say "x"')"},
      {R"(back\slash)", R"(password='back\\slash')"},
      {R"(\)", R"(password='\\')"},
      {R"(\')", R"(password='\\\'')"},
      {"a=b host='evil'", R"(password='a=b host=\'evil\'')"},
      {"密码", "password='密码'"},
  };
  for (const row& r : rows) {
    CAPTURE(r.password);
    store::database_settings s = mysql();
    s.password = r.password;
    CHECK(store::connection_string(s).value() == "dbname='app' user='u' " + r.written +
                                                     " host='db.example' port=3307 charset=utf8mb4 connect_timeout=2 "
                                                     "read_timeout=4 write_timeout=4");
  }
}

TEST_CASE("MySQL: TCP by address, or a Unix socket instead of it") {
  store::database_settings s = mysql();
  s.host = "localhost";  // would be the default socket
  CHECK(store::connection_string(s).value().find("host='127.0.0.1' port=3307") != std::string::npos);
  s.socket = "/run/my sql/it's.sock";
  const std::string text = store::connection_string(s).value();
  CHECK(text.find(R"(unix_socket='/run/my sql/it\'s.sock')") != std::string::npos);
  CHECK(text.find("host=") == std::string::npos);
  CHECK(text.find("port=") == std::string::npos);
  CHECK(text.find("reconnect") == std::string::npos);
}

TEST_CASE("SQLite: the path as it is, the lock time-out, and no commit before the disk has it") {
  store::database_settings s;
  s.path = "/var/lib/数据/a-b.db";
  s.lock_timeout_seconds = 7;
  CHECK(store::connection_string(s).value() == "db=/var/lib/数据/a-b.db timeout=7 synchronous=FULL");
}

TEST_CASE("SQLite: a path that SOCI would cut is refused") {
  for (const char* path : {"", "a b.db", "a=b.db", "a\tb", "a\nb", "a'b", "a\"b"}) {
    CAPTURE(path);
    store::database_settings s;
    s.path = path;
    const auto text = store::connection_string(s);
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error().code == core::errc::invalid_field);
    CHECK(text.error().field == "db");
  }
}

TEST_CASE("a password with quotes, blank and backslash logs in over TCP and over the Unix socket") {
  if (!test::has_mysql()) return;
  test::fresh_database db(store::sql_flavor::mysql);
  for (const char special : {'\'', '"', ' ', '\\'})
    CHECK(db.settings().password.find(special) != std::string::npos);
  CHECK(test::read(*db, [](store::transaction& in) { return store::schema_version(in); }) ==
        store::newest_schema_version());
  if (test::environment("SMSAUTHD_TEST_MYSQL_SOCKET_URI").empty()) {
    MESSAGE("SMSAUTHD_TEST_MYSQL_SOCKET_URI is not set: the Unix socket was not tested");
    return;
  }
  store::database_settings by_socket = test::mysql_settings(db.settings().name, "SMSAUTHD_TEST_MYSQL_SOCKET_URI");
  const auto node = test::fresh_database::make_node(by_socket);
  CHECK(node->answers());
}

TEST_CASE("a wrong password is a bug of the configuration, a closed port a server that is away") {
  if (!test::has_mysql()) return;
  const auto kind_of_opening = [](const store::database_settings& settings) {
    try {
      store::database(settings).open();
    } catch (const store::sql_error& error) {
      return std::pair(error.kind(), error.number());
    }
    return std::pair(store::sql_error_kind::duplicate, -1);  // it opened
  };
  store::database_settings wrong = test::mysql_settings("information_schema");
  wrong.password += "x";
  CHECK(kind_of_opening(wrong) == std::pair(store::sql_error_kind::bug, 1045));
  store::database_settings nowhere = test::mysql_settings("smsauthd_test_missing");
  CHECK(kind_of_opening(nowhere) == std::pair(store::sql_error_kind::bug, 1049));
  store::database_settings closed = test::mysql_settings("information_schema");
  closed.port = 1;
  CHECK(kind_of_opening(closed).first == store::sql_error_kind::cannot_connect);
}
