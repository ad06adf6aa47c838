#include "app/database_uri.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace smsauth;

TEST_CASE("a MySQL URI is taken apart and decoded once") {
  struct row {
    std::string uri;
    std::string user, password, host;
    std::uint16_t port;
    std::string name, socket, masked;
  };
  const std::vector<row> rows{
      {"mysql://u:p@db.example:3307/app", "u", "p", "db.example", 3307, "app", "",
       "mysql://u:****@db.example:3307/app"},
      {"mysql://u@10.0.0.1/app", "u", "", "10.0.0.1", 3306, "app", "", "mysql://u@10.0.0.1:3306/app"},
      {"mysql://u:@h/app", "u", "", "h", 3306, "app", "", "mysql://u@h:3306/app"},
      {"mysql://u:p@localhost:3306/app", "u", "p", "127.0.0.1", 3306, "app", "", "mysql://u:****@127.0.0.1:3306/app"},
      {"mysql://u:a:b@h/app", "u", "a:b", "h", 3306, "app", "", "mysql://u:****@h:3306/app"},
      {"mysql://u:p%40ss%2Fw%3A%23%25@h/app", "u", "p@ss/w:#%", "h", 3306, "app", "", "mysql://u:****@h:3306/app"},
      {"mysql://u:%2541@h/app", "u", "%41", "h", 3306, "app", "", "mysql://u:****@h:3306/app"},
      {"mysql://u:p'q%20r%5C@h/app", "u", "p'q r\\", "h", 3306, "app", "", "mysql://u:****@h:3306/app"},
      {"mysql://u:p@[2001:db8::1]:3306/app", "u", "p", "2001:db8::1", 3306, "app", "",
       "mysql://u:****@[2001:db8::1]:3306/app"},
      {"mysql://u:p@h/app?socket=/run/mysqld.sock", "u", "p", "h", 3306, "app", "/run/mysqld.sock",
       "mysql://u:****@h:3306/app?socket=/run/mysqld.sock"},
      {"mysql://u:p@/app?socket=/run/my%20sql", "u", "p", "127.0.0.1", 3306, "app", "/run/my sql",
       "mysql://u:****@127.0.0.1:3306/app?socket=/run/my sql"},
  };
  for (const row& r : rows) {
    CAPTURE(r.uri);
    const auto uri = app::parse_database_uri(r.uri);
    REQUIRE(uri.has_value());
    CHECK(uri->flavor == store::sql_flavor::mysql);
    CHECK(uri->user == r.user);
    CHECK(uri->password == r.password);
    CHECK(uri->host == r.host);
    CHECK(uri->port == r.port);
    CHECK(uri->name == r.name);
    CHECK(uri->socket == r.socket);
    CHECK(app::masked(*uri) == r.masked);
  }
}

TEST_CASE("a SQLite URI is a path that SOCI can carry") {
  for (const char* path : {"var/smsauthd.db", "/var/lib/smsauthd/a.db", "x", "数据.db"}) {
    CAPTURE(path);
    const auto uri = app::parse_database_uri("sqlite:" + std::string(path));
    REQUIRE(uri.has_value());
    CHECK(uri->flavor == store::sql_flavor::sqlite);
    CHECK(uri->path == path);
    CHECK(app::masked(*uri) == "sqlite:" + std::string(path));
    CHECK(store::connection_string(*uri).has_value());
  }
}

TEST_CASE("anything else is no database URI") {
  const std::vector<std::string> rows{
      "",
      "sqlite",
      "sqlite:",
      "sqlite::memory:",
      "sqlite:a b.db",
      "sqlite:a=b.db",
      "sqlite:a'b",
      "sqlite:a\"b",
      "sqlite:file:a.db",
      "sqlite:a.db?mode=ro",
      "sqlite:a\nb",
      "sqlite:" + std::string(513, 'a'),
      "SQLITE:x",
      "postgres://u:p@h/app",
      "mysql:u:p@h/app",
      "mysql://h/app",
      "mysql://:p@h/app",
      "mysql://u:p@h",
      "mysql://u:p@h/",
      "mysql://u:p@/app",
      "mysql://u:p@h:0/app",
      "mysql://u:p@h:65536/app",
      "mysql://u:p@h:/app",
      "mysql://u:p@h:3306x/app",
      "mysql://u:p@ss@h/app",
      "mysql://u:p%4@h/app",
      "mysql://u:p%zz@h/app",
      "mysql://u:p%00@h/app",
      "mysql://u:p%0a@h/app",
      "mysql://u:p%ff@h/app",
      "mysql://u:p#x@h/app",
      "mysql://u:p q@h/app",
      "mysql://u:p@h_x/app",
      "mysql://u:p@[::1/app",
      "mysql://u:p@[::g]/app",
      "mysql://u:p@[::1]3306/app",
      "mysql://u:p@h/a/b",
      "mysql://u:p@h/a%2Fb",
      "mysql://u:p@h/" + std::string(65, 'a'),
      "mysql://u:p@h/app?reconnect=1",
      "mysql://u:p@h/app?socket=",
      "mysql://u:p@h/app?socket=rel.sock",
      "mysql://u:p@h/app?socket=/a&reconnect=1",
      "mysql://u:p@h/app#x",
  };
  for (const std::string& text : rows) {
    CAPTURE(text);
    CHECK_FALSE(app::parse_database_uri(text).has_value());
  }
}
