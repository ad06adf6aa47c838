// A database of its own for one test, on SQLite and on a real MariaDB: the same tests run on both.
//
// MariaDB: SMSAUTHD_TEST_MYSQL_URI (mysql://user:password@127.0.0.1:port/) names a server whose account may do anything
// in databases named smsauthd_test_… (scripts/mariadb-for-tests starts one). Without it those halves are not run, which
// is said once; with SMSAUTHD_TEST_REQUIRE_MYSQL=1 that is a failure.
#pragma once

#include "sms/temporary_directory.hpp"
#include "store/database.hpp"
#include "store/migration.hpp"
#include "store/outside_session.hpp"
#include "store/spare_databases.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

namespace smsauth::test {

inline bool has_mysql() {
  static const bool given = [] {
    const bool found = !environment("SMSAUTHD_TEST_MYSQL_URI").empty();
    if (!found) MESSAGE("SMSAUTHD_TEST_MYSQL_URI is not set: nothing was tested on MariaDB");
    return found;
  }();
  if (!given && environment("SMSAUTHD_TEST_REQUIRE_MYSQL") == "1") {
    throw std::runtime_error("SMSAUTHD_TEST_REQUIRE_MYSQL=1, but there is no SMSAUTHD_TEST_MYSQL_URI");
  }
  return given;
}

inline std::string name_of(store::sql_flavor flavor) {
  return flavor == store::sql_flavor::sqlite ? "SQLite" : "MariaDB";
}

class fresh_database {
 public:
  using change = std::function<void(store::database_settings&)>;
  enum class schema { none, migrated };

  explicit fresh_database(store::sql_flavor flavor, const change& alter = {}, schema wanted = schema::migrated) {
    bool has_schema = false;
    if (flavor == store::sql_flavor::sqlite) {
      settings_.flavor = flavor;
      settings_.path = (directory_ / "test.db").string();
    } else {
      std::string name = wanted == schema::migrated ? spare_databases::instance().take() : "";
      has_schema = !name.empty();
      if (!has_schema) name = create_on_server();
      settings_ = mysql_settings(name);
      settings_.write_sessions = 4;
    }
    settings_.read_sessions = 2;
    settings_.lock_timeout_seconds = 2;
    if (alter) alter(settings_);
    database_ = make_node(settings_);
    if (wanted == schema::migrated && !has_schema) store::migrate(*database_);
    if (wanted == schema::migrated && flavor == store::sql_flavor::mysql) {
      outside_session session(settings_);
      columns_ = spare_databases::columns_of(session);
    }
  }
  ~fresh_database() {
    database_.reset();
    if (settings_.flavor == store::sql_flavor::mysql) spare_databases::instance().put_back(settings_, columns_);
  }
  fresh_database(const fresh_database&) = delete;
  fresh_database& operator=(const fresh_database&) = delete;

  store::database& operator*() { return *database_; }
  store::database* operator->() { return database_.get(); }
  const store::database_settings& settings() const { return settings_; }
  std::size_t lanes() const { return settings_.flavor == store::sql_flavor::sqlite ? 1 : settings_.write_sessions; }

  /// One more server on the same database; by SMSAUTHD_TEST_MYSQL_OTHER_PORT on another node of a Galera cluster.
  std::unique_ptr<store::database> another_node() const {
    store::database_settings settings = settings_;
    const std::string port = environment("SMSAUTHD_TEST_MYSQL_OTHER_PORT");
    if (settings.flavor == store::sql_flavor::mysql && !port.empty()) {
      settings.port = static_cast<std::uint16_t>(std::stoi(port));
      settings.init_sql = {"SET SESSION wsrep_sync_wait=3"};
    }
    return make_node(settings);
  }
  static std::unique_ptr<store::database> make_node(const store::database_settings& settings) {
    auto made = std::make_unique<store::database>(settings);
    made->open();
    made->admit_units();
    return made;
  }
  outside_session outside() const { return outside_session(settings_); }

 private:
  static std::string create_on_server() {
    std::random_device source;
    const std::string name = "smsauthd_test_" + std::to_string(source()) + std::to_string(source());
    spare_databases::run_on_server("CREATE DATABASE " + name + " CHARACTER SET utf8mb4");
    return name;
  }

  temporary_directory directory_;
  store::database_settings settings_;
  std::string columns_;
  std::unique_ptr<store::database> database_;
};

/// Runs `body` with a fresh database of each engine.
template <class Body>
void on_each_engine(Body body, const fresh_database::change& alter = {}) {
  for (const store::sql_flavor flavor : {store::sql_flavor::sqlite, store::sql_flavor::mysql}) {
    if (flavor == store::sql_flavor::mysql && !has_mysql()) continue;
    const std::string engine = name_of(flavor);
    CAPTURE(engine);
    fresh_database fresh(flavor, alter);
    body(fresh);
  }
}

template <class Body>
void on_mariadb(Body body, const fresh_database::change& alter = {}) {
  if (!has_mysql()) return;
  fresh_database fresh(store::sql_flavor::mysql, alter);
  body(fresh);
}

template <class Body>
void on_sqlite(Body body, const fresh_database::change& alter = {}) {
  fresh_database fresh(store::sql_flavor::sqlite, alter);
  body(fresh);
}

}  // namespace smsauth::test
