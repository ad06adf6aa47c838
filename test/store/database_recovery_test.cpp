// What becomes of units when connections die, transactions collide, the file is locked or the disk is full.
#include "store/account_store.hpp"
#include "store/database.hpp"
#include "store/fresh_database.hpp"
#include "store/tally.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <csignal>
#include <random>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

using namespace smsauth;
using core::errc;
using store::transaction;
using test::fresh_database;
using test::tally;

namespace {

void run_one(store::database& on, test::test_unit& unit, std::size_t lane = 0) {
  store::unit* const one = &unit;
  on.run_writes(lane, {&one, 1});
}

// While it lives, no file of this process grows beyond `bytes`: a disk that is full.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) {
    previous_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &previous_);
    rlimit limit = previous_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &previous_);
    std::signal(SIGXFSZ, previous_handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

 private:
  rlimit previous_{};
  void (*previous_handler_)(int) = nullptr;
};

}  // namespace

TEST_CASE("two units that deadlock both succeed, each applied once") {
  test::on_mariadb([](fresh_database& db) {
    tally count(db, 2);
    for (int round = 0; round < 10; ++round) {
      std::barrier both_hold_one(2);
      const auto in_order = [&](int first, int second, bool& met) {
        return [&, first, second](transaction& in) {
          tally::hit(in, first);
          if (!met) {
            met = true;  // the rerun has nobody to wait for
            both_hold_one.arrive_and_wait();
          }
          tally::hit(in, second);
        };
      };
      bool met_a = false;
      bool met_b = false;
      test::test_unit a(in_order(1, 2, met_a));
      test::test_unit b(in_order(2, 1, met_b));
      std::thread other([&] { run_one(*db, b, 1); });
      run_one(*db, a, 0);
      other.join();
      CHECK(a.succeeded());
      CHECK(b.succeeded());
      CHECK(a.runs + b.runs == 3);
      CHECK(count.hits(1) == 2 * (round + 1));
      CHECK(count.hits(2) == 2 * (round + 1));
    }
  });
}

TEST_CASE("batches that deadlock all succeed, each unit applied once") {
  test::on_mariadb([](fresh_database& db) {
    constexpr int rows = 16;
    tally count(db, rows);
    constexpr int rounds = 10;
    std::atomic<std::size_t> succeeded{0};
    const auto work = [&](std::size_t lane) {
      for (int round = 0; round < rounds; ++round) {
        test::unit_batch batch;
        for (int i = 0; i < rows; ++i) {
          const int row = lane % 2 == 0 ? i + 1 : rows - i;
          batch.add([row](transaction& in) { tally::hit(in, row); });
        }
        batch.run(*db, lane);
        succeeded += batch.succeeded();
      }
    };
    std::vector<std::thread> threads;
    for (std::size_t lane = 0; lane < db.lanes(); ++lane)
      threads.emplace_back(work, lane);
    for (std::thread& thread : threads)
      thread.join();
    CHECK(succeeded == db.lanes() * rounds * rows);
    CHECK(count.all_hits() == static_cast<long long>(db.lanes()) * rounds * rows);
  });
}

TEST_CASE("a unit that waits for a lock in vain is run again, whole") {
  test::on_mariadb(
      [](fresh_database& db) {
        tally count(db, 2);
        auto outside = db.outside();
        outside.run("START TRANSACTION");
        outside.run("UPDATE tally SET hits = hits + 100 WHERE id = 2");
        test::test_unit* self = nullptr;
        test::test_unit unit([&](transaction& in) {
          if (self->runs == 2) outside.run("ROLLBACK");
          tally::hit(in, 1);  // 1205 undoes only the next statement: this one has to be taken back by the rerun
          tally::hit(in, 2);
        });
        self = &unit;
        run_one(*db, unit);
        CHECK(unit.succeeded());
        CHECK(unit.runs == 2);
        CHECK(count.hits(1) == 1);
        CHECK(count.hits(2) == 1);
      },
      [](store::database_settings& settings) { settings.lock_timeout_seconds = 1; });
}

TEST_CASE("a connection killed before, between or after a unit's statements costs a rerun and nothing else") {
  test::on_mariadb([](fresh_database& db) {
    tally count(db, 3);
    long long rounds = 0;
    for (const int moment : {0, 1, 2}) {
      CAPTURE(moment);
      for (const int neighbours : {0, 3}) {
        test::unit_batch batch;
        bool killed = false;
        const auto kill_at = [&, moment](transaction& in, int now) {
          if (now != moment || killed) return;
          killed = true;
          test::kill_connection(db, in);
        };
        batch.add([&, kill_at](transaction& in) {
          kill_at(in, 0);
          tally::hit(in, 1);
          kill_at(in, 1);
          tally::hit(in, 2);
          kill_at(in, 2);
        });
        for (int i = 0; i < neighbours; ++i)
          batch.add([](transaction& in) { tally::hit(in, 3); });
        batch.run(*db);
        ++rounds;
        CHECK(killed);
        CHECK(batch.succeeded() == static_cast<std::size_t>(neighbours) + 1);
        CHECK(count.hits(1) == rounds);
        CHECK(count.hits(2) == rounds);
      }
    }
    CHECK(count.hits(3) == 9);
    CHECK(db->counters().reconnects == 6);
  });
}

TEST_CASE("connections killed at random moments: every unit that succeeded was applied exactly once") {
  test::on_mariadb([](fresh_database& db) {
    constexpr int rows = 4;
    constexpr int enough_kills = 100;
    tally count(db, rows);
    std::atomic<bool> done{false};
    std::atomic<int> kills{0};
    std::thread killer([&] {
      std::minstd_rand random(20261);
      auto outside = db.outside();
      const std::string own = std::to_string(outside.number("SELECT CONNECTION_ID()"));
      while (!done) {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
        const long long victim =
            outside.number("SELECT COALESCE((SELECT id FROM information_schema.processlist WHERE db = '" +
                           db.settings().name + "' AND id <> " + own + " ORDER BY RAND() LIMIT 1), 0)");
        if (victim == 0) continue;
        try {
          outside.run("KILL " + std::to_string(victim));
          ++kills;
        } catch (const soci::soci_error&) {  // it was gone already
        }
      }
    });
    std::atomic<long long> succeeded{0};
    std::atomic<long long> failed{0};
    std::vector<std::thread> writers;
    for (std::size_t lane = 0; lane < db.lanes(); ++lane) {
      writers.emplace_back([&, lane] {
        for (int round = 0; kills < enough_kills; ++round) {
          test::unit_batch batch;
          for (int i = 0; i < 1 + round % 4; ++i)
            batch.add([lane](transaction& in) { tally::hit(in, static_cast<int>(lane) + 1); });
          batch.run(*db, lane);
          succeeded += static_cast<long long>(batch.succeeded());
          failed += static_cast<long long>(batch.units().size() - batch.succeeded());
        }
      });
    }
    for (std::thread& writer : writers)
      writer.join();
    done = true;
    killer.join();
    CHECK(failed == 0);
    CHECK(count.all_hits() == succeeded);
  });
}

TEST_CASE("a read survives the death of its connection") {
  test::on_mariadb([](fresh_database& db) {
    bool killed = false;
    bool found = true;
    test::test_unit unit([&](transaction& in) {
      if (!killed) test::kill_connection(db, in);
      killed = true;
      found = store::accounts::find_identity(in, "x").get().has_value();
    });
    store::unit* const one = &unit;
    db->run_reads({&one, 1});
    CHECK(unit.succeeded());
    CHECK(unit.runs == 2);
    CHECK_FALSE(found);
  });
}

TEST_CASE("SQLite locked by another process: unavailable after one lock time-out, no partial write, and back at once") {
  test::on_sqlite(
      [](fresh_database& db) {
        tally count(db);
        auto outside = db.outside();
        outside.run("BEGIN IMMEDIATE");
        outside.run("UPDATE tally SET hits = 0");
        for (const int units : {1, 5}) {
          test::unit_batch batch;
          for (int i = 0; i < units; ++i)
            batch.add([](transaction& in) { tally::hit(in); });
          const auto begin = std::chrono::steady_clock::now();
          batch.run(*db);
          const auto waited = std::chrono::steady_clock::now() - begin;
          CHECK(waited >= std::chrono::milliseconds(950));
          CHECK(waited < std::chrono::milliseconds(1900));
          for (int i = 0; i < units; ++i) {
            CHECK(batch[static_cast<std::size_t>(i)].failed_with(errc::unavailable));
            CHECK(batch[static_cast<std::size_t>(i)].runs == 0);
          }
        }
        CHECK(test::read(*db, [](transaction& in) { return store::schema_version(in); }) ==
              store::newest_schema_version());
        outside.run("COMMIT");
        test::write(*db, [](transaction& in) { tally::hit(in); });
        CHECK(count.hits() == 1);
      },
      [](store::database_settings& settings) { settings.lock_timeout_seconds = 1; });
}

TEST_CASE("SQLite with all its pages used: writes are unavailable, reads go on, and it recovers") {
  test::on_sqlite([](fresh_database& db) {
    tally count(db);
    db.outside().run("CREATE TABLE filler (bytes BLOB)");
    const auto fill = [](transaction& in) {
      tally::hit(in);
      in.execute_text("PRAGMA max_page_count = 1", "test limit");  // SQLite takes the present size instead
      in.execute_text("INSERT INTO filler VALUES (zeroblob(16777216))", "test fill");
    };
    for (const int neighbours : {0, 2}) {
      test::unit_batch batch;
      const auto& big = batch.add(fill);
      for (int i = 0; i < neighbours; ++i)
        batch.add([](transaction& in) { tally::hit(in); });
      batch.run(*db);
      CHECK(big.failed_with(errc::unavailable));
      CHECK(count.hits() == neighbours);  // those fit into pages that are free
      CHECK(batch.succeeded() == static_cast<std::size_t>(neighbours));
      CHECK(db->answers());
    }
    test::write(*db, [](transaction& in) {
      in.execute_text("PRAGMA max_page_count = 1000000", "test limit");
      in.execute_text("INSERT INTO filler VALUES (zeroblob(16777216))", "test fill");
      tally::hit(in);
    });
    CHECK(count.hits() == 3);
    CHECK(db.outside().text("PRAGMA integrity_check") == "ok");
  });
}

TEST_CASE("SQLite on a full disk: writes are unavailable, reads go on, and it recovers without a restart") {
  test::on_sqlite([](fresh_database& db) {
    tally count(db);
    test::write(*db, [](transaction& in) { tally::hit(in); });
    test::unit_batch batch;
    for (int i = 0; i < 3; ++i)
      batch.add([](transaction& in) { tally::hit(in); });
    bool answered = false;
    {
      const file_size_limit full(1);
      batch.run(*db);
      answered = db->answers();
    }
    CHECK(answered);
    for (std::size_t i = 0; i < 3; ++i)
      CHECK(batch[i].failed_with(errc::unavailable));
    CHECK(count.hits() == 1);
    test::write(*db, [](transaction& in) { tally::hit(in); });
    CHECK(count.hits() == 2);
    CHECK(db.outside().text("PRAGMA integrity_check") == "ok");
  });
}

TEST_CASE("MariaDB out of reach: units are unavailable at once, and it is not ready") {
  test::on_mariadb([](fresh_database& db) {
    store::database_settings settings = db.settings();
    settings.port = 1;
    store::database away(settings);
    CHECK_THROWS_AS(away.open(), store::sql_error);
    away.admit_units();
    test::unit_batch batch;
    for (int i = 0; i < 64; ++i)
      batch.add([](transaction& in) { store::accounts::find_identity(in, "x").get(); });
    const auto begin = std::chrono::steady_clock::now();
    away.run_writes(0, batch.units());
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
    for (std::size_t i = 0; i < 64; ++i)
      CHECK(batch[i].failed_with(errc::unavailable));
    CHECK_FALSE(away.answers());
  });
}
