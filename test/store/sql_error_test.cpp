#include "store/sql_error.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>
#include <soci/mysql/soci-mysql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

using namespace smsauth;
using store::sql_error;
using store::sql_error_kind;
using store::sql_flavor;
using store::transaction;
using test::fresh_database;

namespace {

constexpr const char* secret = "planted-493021";

// The error that a statement ends in.
std::optional<sql_error> error_of(fresh_database& db, const std::function<void(transaction&)>& statement) {
  std::optional<sql_error> seen;
  test::write(*db, [&](transaction& in) {
    try {
      statement(in);
    } catch (const sql_error& error) {
      seen = error;
    }
  });
  return seen;
}

}  // namespace

TEST_CASE("MySQL numbers and what they mean for the work in hand") {
  const std::vector<std::pair<sql_error_kind, std::vector<unsigned>>> table{
      {sql_error_kind::duplicate, {1062}},
      {sql_error_kind::refused, {1213, 3101, 8002, 8022, 8028, 9007}},
      {sql_error_kind::refused_open, {1205, 1243, 1317, 1615, 1461, 1969, 3024}},
      {sql_error_kind::cannot_connect, {1040, 1203, 1226, 2002, 2003, 2005}},
      {sql_error_kind::read_only, {1290, 1836}},
      {sql_error_kind::connection_lost,
       {1047, 1053, 1152, 1180, 1184, 1927, 2006, 2013, 2055, 4031, 9001, 9002, 9003, 9004, 9005}},
      {sql_error_kind::storage_full, {1021, 1026, 1114, 3}},
      {sql_error_kind::bug, {0, 1044, 1045, 1049, 1054, 1064, 1146, 1406, 3819, 4025, 99999}},
  };
  for (const auto& [kind, numbers] : table) {
    for (const unsigned number : numbers) {
      CAPTURE(number);
      CHECK(store::classify_mysql(number) == kind);
    }
  }
}

TEST_CASE("SQLite results and what they mean for the work in hand") {
  struct row {
    int result;
    const char* message;
    sql_error_kind kind;
  };
  const std::vector<row> rows{
      {SQLITE_BUSY, "database is locked", sql_error_kind::refused},
      {SQLITE_BUSY | (2 << 8), "database is locked", sql_error_kind::refused},  // SQLITE_BUSY_SNAPSHOT
      {SQLITE_LOCKED, "database table is locked", sql_error_kind::refused},
      {SQLITE_CONSTRAINT, "UNIQUE constraint failed: identity.phone", sql_error_kind::duplicate},
      {SQLITE_CONSTRAINT, "NOT NULL constraint failed: account.phone", sql_error_kind::bug},
      {SQLITE_CONSTRAINT, "CHECK constraint failed: x", sql_error_kind::bug},
      {SQLITE_READONLY, "attempt to write a readonly database", sql_error_kind::read_only},
      {SQLITE_CANTOPEN, "unable to open database file", sql_error_kind::cannot_connect},
      {SQLITE_FULL, "database or disk is full", sql_error_kind::storage_full},
      {SQLITE_IOERR, "disk I/O error", sql_error_kind::storage_full},
      {SQLITE_CORRUPT, "database disk image is malformed", sql_error_kind::storage_full},
      {SQLITE_NOTADB, "file is not a database", sql_error_kind::storage_full},
      {SQLITE_NOMEM, "out of memory", sql_error_kind::storage_full},
      {SQLITE_ERROR, "no such table: x", sql_error_kind::bug},
      {SQLITE_MISUSE, "bad parameter", sql_error_kind::bug},
  };
  for (const row& r : rows) {
    CAPTURE(r.result);
    CAPTURE(r.message);
    CHECK(store::classify_sqlite(r.result, r.message) == r.kind);
  }
}

TEST_CASE("every kind has a name of its own") {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(sql_error_kind::bug); ++i)
    names.emplace_back(to_string(static_cast<sql_error_kind>(i)));
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(names[i] != "unknown");
    for (std::size_t j = 0; j < i; ++j)
      CHECK(names[i] != names[j]);
  }
  CHECK(to_string(static_cast<sql_error_kind>(99)) == std::string("unknown"));
}

TEST_CASE("an error keeps its number and our name for the statement, and nothing of the values") {
  test::on_each_engine([](fresh_database& db) {
    static constexpr store::sql insert{
        "test.insert", "INSERT INTO bind_token (token_hash, phone, expires_at, used) VALUES (:p1, :p2, :p3, 0)"};
    static constexpr store::sql broken{"test.broken", "SELECT nothing FROM nowhere WHERE phone = :p1"};
    const auto insert_secret = [](transaction& in) { in.execute(insert, secret, secret, 1); };
    CHECK_FALSE(error_of(db, insert_secret).has_value());
    const auto duplicate = error_of(db, insert_secret);
    REQUIRE(duplicate.has_value());
    CHECK(duplicate->kind() == sql_error_kind::duplicate);
    CHECK(duplicate->number() == (db->flavor() == sql_flavor::sqlite ? 19 : 1062));
    CHECK(duplicate->statement() == std::string("test.insert"));
    CHECK(duplicate->what() == std::string("duplicate"));

    const auto bug = error_of(db, [](transaction& in) { in.row<std::tuple<store::int_column>>(broken, secret); });
    REQUIRE(bug.has_value());
    CHECK(bug->kind() == sql_error_kind::bug);
    CHECK(bug->number() == (db->flavor() == sql_flavor::sqlite ? 1 : 1146));
    for (const auto& error : {*duplicate, *bug}) {
      CHECK(std::strstr(error.what(), secret) == nullptr);
      CHECK(std::strstr(error.statement(), secret) == nullptr);
    }
  });
}

TEST_CASE("a value that reads like SQLite's words for a duplicate does not make one") {
  test::on_sqlite([](fresh_database& db) {
    db.outside().run("CREATE TABLE picky (name TEXT, checked INTEGER CHECK (checked > 0))");
    static constexpr store::sql insert{"test.picky", "INSERT INTO picky (name, checked) VALUES (:p1, :p2)"};
    const auto error = error_of(db, [](transaction& in) { in.execute(insert, "UNIQUE constraint failed: a.b", 0); });
    REQUIRE(error.has_value());
    CHECK(error->number() == 19);
    CHECK(error->kind() == sql_error_kind::bug);
  });
}

TEST_CASE("a closed MySQL session is a lost connection, any other unnumbered error a bug") {
  const soci::soci_error closed("Session is not connected.");
  CHECK(store::to_sql_error(closed, sql_flavor::mysql, "x").kind() == sql_error_kind::connection_lost);
  CHECK(store::to_sql_error(closed, sql_flavor::sqlite, "x").kind() == sql_error_kind::bug);
  const soci::soci_error other("Null value fetched and no indicator defined.");
  CHECK(store::to_sql_error(other, sql_flavor::mysql, "x").kind() == sql_error_kind::bug);
  CHECK(store::to_sql_error(other, sql_flavor::mysql, "x").number() == 0);
}

TEST_CASE("SOCI's exceptions carry the number through") {
  const soci::mysql_soci_error deadlock("Deadlock found", 1213);
  const sql_error mysql = store::to_sql_error(deadlock, sql_flavor::mysql, "x");
  CHECK(mysql.kind() == sql_error_kind::refused);
  CHECK(mysql.number() == 1213);
  const soci::sqlite3_soci_error full("database or disk is full", SQLITE_FULL);
  const sql_error sqlite = store::to_sql_error(full, sql_flavor::sqlite, "x");
  CHECK(sqlite.kind() == sql_error_kind::storage_full);
  CHECK(sqlite.number() == SQLITE_FULL);
}
