#include "store/session_pool.hpp"

#include "store/fresh_database.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>

using namespace smsauth;
using store::session_pool;
using store::session_role;
using store::sql;
using test::fresh_database;

namespace {

constexpr std::chrono::milliseconds at_once{0};

long long number(store::pooled_session& session, const sql& query) {
  auto in = session.work();
  return std::get<0>(in.row<std::tuple<store::int_column>>(query).value());
}

std::string text(store::pooled_session& session, const sql& query) {
  auto in = session.work();
  return std::get<0>(in.row<std::tuple<store::text_column>>(query).value());
}

constexpr sql connection_id{"test.id", "SELECT CONNECTION_ID()"};
constexpr sql autocommit{"test.autocommit", "SELECT @@autocommit"};
constexpr sql mode{"test.mode", "SELECT @@sql_mode"};
constexpr sql isolation{"test.isolation", "SELECT @@tx_isolation"};
constexpr sql lock_wait{"test.lock_wait", "SELECT @@innodb_lock_wait_timeout"};
constexpr sql charset{"test.charset", "SELECT @@character_set_client"};
constexpr sql from_init{"test.init", "SELECT @smsauthd_test"};

void check_mysql_settings(store::pooled_session& session, long long expected_autocommit) {
  CHECK(number(session, autocommit) == expected_autocommit);
  CHECK(text(session, mode) == "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION");
  CHECK(text(session, isolation) == "READ-COMMITTED");
  CHECK(number(session, lock_wait) == 3);
  CHECK(text(session, charset) == "utf8mb4");
  CHECK(number(session, from_init) == 77);
}

}  // namespace

TEST_CASE("a pool leases each session to one at a time, and nothing when all are out") {
  test::on_each_engine([](fresh_database& db) {
    std::atomic<std::uint64_t> counter{0};
    session_pool pool(2, db.settings(), session_role::reader, counter);
    session_pool::lease first(pool, at_once);
    REQUIRE(static_cast<bool>(first));
    {
      session_pool::lease second(pool, at_once);
      REQUIRE(static_cast<bool>(second));
      CHECK(&*first != &*second);
      const auto begin = std::chrono::steady_clock::now();
      session_pool::lease third(pool, std::chrono::milliseconds(50));
      CHECK_FALSE(static_cast<bool>(third));
      CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(40));
    }
    session_pool::lease again(pool, at_once);
    CHECK(static_cast<bool>(again));
  });
}

TEST_CASE("a MariaDB session has its settings, also after it was reopened") {
  test::on_mariadb(
      [](fresh_database& db) {
        for (const auto role : {session_role::writer, session_role::reader}) {
          std::atomic<std::uint64_t> counter{0};
          session_pool pool(1, db.settings(), role, counter);
          session_pool::lease session(pool, at_once);
          const long long expected_autocommit = role == session_role::writer ? 0 : 1;
          session->ensure_open();
          check_mysql_settings(*session, expected_autocommit);
          const long long first_id = number(*session, connection_id);
          session->ensure_open();
          CHECK(number(*session, connection_id) == first_id);
          db.outside().run("KILL " + std::to_string(first_id));
          CHECK_THROWS_AS(number(*session, connection_id), store::sql_error);
          session->mark_broken();
          session->ensure_open();
          check_mysql_settings(*session, expected_autocommit);
          CHECK(number(*session, connection_id) != first_id);
        }
      },
      [](store::database_settings& settings) {
        settings.lock_timeout_seconds = 3;
        settings.init_sql = {"SET @smsauthd_test = 77"};
      });
}

TEST_CASE("a rollback on a dead session marks it broken, and it comes back") {
  test::on_mariadb([](fresh_database& db) {
    std::atomic<std::uint64_t> counter{0};
    session_pool pool(1, db.settings(), session_role::writer, counter);
    session_pool::lease session(pool, at_once);
    session->ensure_open();
    db.outside().run("KILL " + std::to_string(number(*session, connection_id)));
    session->roll_back();
    session->ensure_open();
    CHECK(number(*session, autocommit) == 0);
  });
}

TEST_CASE("SQLite sessions write ahead, sync fully, wait for locks; readers cannot write") {
  test::on_sqlite([](fresh_database& db) {
    static constexpr sql journal{"test.journal", "PRAGMA journal_mode"};
    static constexpr sql synchronous{"test.sync", "PRAGMA synchronous"};
    static constexpr sql timeout{"test.timeout", "PRAGMA busy_timeout"};
    static constexpr sql query_only{"test.query_only", "PRAGMA query_only"};
    for (const auto role : {session_role::writer, session_role::reader}) {
      std::atomic<std::uint64_t> counter{0};
      session_pool pool(1, db.settings(), role, counter);
      session_pool::lease session(pool, at_once);
      for (int opened = 0; opened < 2; ++opened) {
        session->ensure_open();
        CHECK(text(*session, journal) == "wal");
        CHECK(number(*session, synchronous) == 2);  // FULL
        CHECK(number(*session, timeout) == 2000);
        CHECK(number(*session, query_only) == (role == session_role::reader ? 1 : 0));
        session->mark_broken();
      }
    }
  });
}

TEST_CASE("a savepoint takes back one unit of a transaction") {
  test::on_sqlite([](fresh_database& db) {
    static constexpr sql insert{"test.insert", "INSERT INTO sequence (name, next_value) VALUES (:p1, 1)"};
    std::atomic<std::uint64_t> counter{0};
    session_pool pool(1, db.settings(), session_role::writer, counter);
    session_pool::lease session(pool, at_once);
    session->ensure_open();
    session->begin();
    for (const char* name : {"a", "b", "c"}) {
      session->savepoint();
      session->work().execute(insert, name);
      if (name[0] == 'b') {
        session->roll_back_to_savepoint();
      } else {
        session->release_savepoint();
      }
    }
    session->commit();
    CHECK(db.outside().number("SELECT COUNT(*) FROM sequence WHERE name IN ('a', 'c')") == 2);
    CHECK(db.outside().number("SELECT COUNT(*) FROM sequence WHERE name = 'b'") == 0);
    CHECK(counter == 1 + 3 * 3 + 1 + 1);  // BEGIN, three each, one RELEASE after the rollback, COMMIT
  });
}
