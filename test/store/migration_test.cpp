#include "store/migration.hpp"

#include "store/embedded_sql.hpp"
#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace smsauth;
using schema = test::fresh_database::schema;
using store::sql_flavor;
using test::fresh_database;

namespace {

long long milliseconds_ago(std::chrono::seconds age) {
  using namespace std::chrono;
  return duration_cast<milliseconds>((system_clock::now() - age).time_since_epoch()).count();
}

// "table.column" of everything in the schema.
std::set<std::string> columns_of(fresh_database& db) {
  test::outside_session outside = db.outside();
  const std::string query = db->flavor() == sql_flavor::sqlite
                                ? "SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) "
                                  "p WHERE m.type = 'table'"
                                : "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns WHERE "
                                  "table_schema = DATABASE()";
  const auto all = outside.texts(query);
  return {all.begin(), all.end()};
}

// The first half of the statements of a step, as a start that was killed leaves them.
std::string first_half(const std::string& script) {
  const auto middle = script.find(";\n", script.size() / 2);
  return script.substr(0, middle + 2);
}

void run_each_statement(test::outside_session& outside, std::string script) {
  for (auto end = script.find(";\n"); end != std::string::npos; end = script.find(";\n")) {
    outside.run(script.substr(0, end));
    script.erase(0, end + 2);
  }
}

}  // namespace

TEST_CASE("both engines embed the same versions, in order") {
  const auto sqlite = store::embedded_migrations(sql_flavor::sqlite);
  const auto mysql = store::embedded_migrations(sql_flavor::mysql);
  REQUIRE(sqlite.size() == mysql.size());
  REQUIRE_FALSE(sqlite.empty());
  for (std::size_t i = 0; i < sqlite.size(); ++i) {
    CHECK(sqlite[i].version == static_cast<std::int64_t>(i) + 1);
    CHECK(sqlite[i].version == mysql[i].version);
    CHECK(sqlite[i].name == std::string(mysql[i].name));
  }
  CHECK(store::newest_schema_version() == sqlite.back().version);
}

TEST_CASE("a migration brings an empty database up to date, and the second one does nothing") {
  for (const sql_flavor flavor : {sql_flavor::sqlite, sql_flavor::mysql}) {
    if (flavor == sql_flavor::mysql && !test::has_mysql()) continue;
    CAPTURE(test::name_of(flavor));
    fresh_database db(flavor, {}, schema::none);
    const auto version = [&] {
      return test::read(*db, [](store::transaction& in) { return store::schema_version(in); });
    };
    CHECK(version() == 0);
    CHECK_FALSE(db->answers());
    CHECK(store::migrate(*db) == static_cast<int>(store::embedded_migrations(flavor).size()));
    CHECK(version() == store::newest_schema_version());
    CHECK(db->answers());
    const auto columns = columns_of(db);
    CHECK(store::migrate(*db) == 0);
    CHECK(columns_of(db) == columns);
    CHECK(db.outside().number("SELECT COUNT(*) FROM sequence") == 1);
  }
}

TEST_CASE("both engines have the same tables and columns") {
  if (!test::has_mysql()) return;
  fresh_database sqlite(sql_flavor::sqlite);
  fresh_database mysql(sql_flavor::mysql);
  auto of_sqlite = columns_of(sqlite);
  of_sqlite.erase("wal_grower.filler");  // not schema: it grows SQLite's write-ahead log
  const auto of_mysql = columns_of(mysql);
  for (const std::string& column : of_sqlite)
    CHECK_MESSAGE(of_mysql.contains(column), column);
  for (const std::string& column : of_mysql)
    CHECK_MESSAGE(of_sqlite.contains(column), column);
  CHECK(of_sqlite.contains("verification.mac"));
}

TEST_CASE("every table of MariaDB is InnoDB with a primary key, and every text compares byte by byte") {
  test::on_mariadb([](fresh_database& db) {
    auto outside = db.outside();
    const std::string ours = " table_schema = DATABASE()";
    CHECK(outside.number("SELECT COUNT(*) FROM information_schema.tables WHERE engine <> 'InnoDB' AND" + ours) == 0);
    CHECK(outside.number("SELECT COUNT(*) FROM information_schema.columns WHERE collation_name <> 'utf8mb4_bin' AND" +
                         ours) == 0);
    CHECK(outside.number("SELECT COUNT(*) FROM information_schema.columns WHERE is_nullable = 'YES' AND" + ours) == 0);
    const auto tables = outside.number("SELECT COUNT(*) FROM information_schema.tables WHERE" + ours);
    CHECK(outside.number(
              "SELECT COUNT(DISTINCT table_name) FROM information_schema.statistics WHERE index_name = 'PRIMARY' AND" +
              ours) == tables);
  });
}

TEST_CASE("eight servers that start at once apply each step once") {
  if (!test::has_mysql()) return;
  fresh_database db(
      sql_flavor::mysql, [](auto& settings) { settings.write_sessions = 1; }, schema::none);
  constexpr int servers = 8;
  std::vector<std::unique_ptr<store::database>> nodes;
  for (int i = 0; i < servers; ++i)
    nodes.push_back(db.another_node());
  std::barrier ready(servers);
  std::atomic<int> applied{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (auto& node : nodes) {
    threads.emplace_back([&] {
      ready.arrive_and_wait();
      try {
        applied += store::migrate(*node);
      } catch (const std::exception&) {
        ++failed;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(failed == 0);
  CHECK(applied == static_cast<int>(store::embedded_migrations(sql_flavor::mysql).size()));
  for (auto& node : nodes)
    CHECK(node->answers());
  CHECK(db.outside().number("SELECT next_value FROM sequence WHERE name = 'uid'") == 1);
}

TEST_CASE("a schema that is newer than the binary is refused and left alone") {
  test::on_each_engine([](fresh_database& db) {
    auto outside = db.outside();
    const std::string newer = std::to_string(store::newest_schema_version() + 1);
    outside.run("INSERT INTO schema_version (version, finished, owner, changed_at) VALUES (" + newer +
                ", 1, 'next', 0)");
    const auto columns = columns_of(db);
    CHECK_THROWS_AS(store::migrate(*db), store::schema_too_new);
    CHECK(columns_of(db) == columns);
    try {
      store::migrate(*db);
    } catch (const store::schema_too_new& error) {
      CHECK(std::string(error.what()).find("version " + newer) != std::string::npos);
    }
  });
}

TEST_CASE("MariaDB: a migration that was cut off half-way is finished by the next start") {
  if (!test::has_mysql()) return;
  fresh_database whole(sql_flavor::mysql);
  fresh_database db(sql_flavor::mysql, {}, schema::none);
  auto outside = db.outside();
  outside.run(
      "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY, finished INT NOT NULL, owner VARCHAR(40) NOT "
      "NULL, "
      "changed_at BIGINT NOT NULL) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
  outside.run("INSERT INTO schema_version VALUES (1, 0, 'killed', " +
              std::to_string(milliseconds_ago(std::chrono::seconds(61))) + ")");
  run_each_statement(outside, first_half(store::embedded_migrations(sql_flavor::mysql).front().text));
  const auto half = columns_of(db);
  CHECK(half.contains("sequence.name"));
  CHECK(half.size() < columns_of(whole).size());
  CHECK(store::migrate(*db) == static_cast<int>(store::embedded_migrations(sql_flavor::mysql).size()));
  CHECK(columns_of(db) == columns_of(whole));
  CHECK(outside.number("SELECT COUNT(*) FROM sequence") == 1);
  CHECK(outside.number("SELECT finished FROM schema_version WHERE version = 1") == 1);
}

TEST_CASE("SQLite: a migration that fails leaves the file as it was") {
  fresh_database db(sql_flavor::sqlite, {}, schema::none);
  auto outside = db.outside();
  outside.run("CREATE TABLE session (something_else TEXT)");  // in the way of the first step
  const auto columns = columns_of(db);
  CHECK_THROWS_AS(store::migrate(*db), store::sql_error);
  CHECK(columns_of(db) == columns);
  outside.run("DROP TABLE session");
  CHECK(store::migrate(*db) == static_cast<int>(store::embedded_migrations(sql_flavor::sqlite).size()));
}

TEST_CASE("SQLite: two servers on one file apply each step once") {
  fresh_database db(sql_flavor::sqlite, {}, schema::none);
  const auto other = db.another_node();
  std::barrier ready(2);
  std::atomic<int> applied{0};
  const auto start = [&](store::database& node) {
    ready.arrive_and_wait();
    applied += store::migrate(node);
  };
  std::thread thread([&] { start(*other); });
  start(*db);
  thread.join();
  CHECK(applied == static_cast<int>(store::embedded_migrations(sql_flavor::sqlite).size()));
}
