#include "store/database.hpp"

#include "core/limits.hpp"
#include "store/account_store.hpp"
#include "store/fresh_database.hpp"
#include "store/outbox_store.hpp"
#include "store/quota_store.hpp"
#include "store/test_units.hpp"
#include "store/verification_store.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

using namespace smsauth;
using core::errc;
using store::transaction;
using test::fresh_database;
namespace accounts = store::accounts;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;

std::string number(int i) {
  return "+86138" + std::to_string(10'000'000 + i);
}

std::function<void(transaction&)> claim(int i) {
  return [i](transaction& in) { accounts::claim_identity(in, number(i), i + 1, true, now).get(); };
}

long long identities(fresh_database& db) {
  return db.outside().number("SELECT COUNT(*) FROM identity");
}

// MariaDB: the first write of a lane also records its commit marker.
void warm_up(fresh_database& db) {
  test::write(*db, [](transaction& in) { accounts::find_identity(in, "nobody").get(); });
}

struct counted {
  std::uint64_t statements;
  std::uint64_t commits;
  std::uint64_t batches;
};

counted counts(store::database& of) {
  return {of.counters().statements, of.counters().commits, of.counters().batches};
}

}  // namespace

TEST_CASE("64 units share one commit, in their order") {
  test::on_each_engine([](fresh_database& db) {
    warm_up(db);
    constexpr int units = 64;
    test::unit_batch batch;
    std::vector<int> order;
    for (int i = 0; i < units; ++i) {
      batch.add([&order, i](transaction& in) {
        order.push_back(i);
        accounts::claim_identity(in, number(i), i + 1, true, now).get();
      });
    }
    const counted before = counts(*db);
    batch.run(*db);
    const counted after = counts(*db);
    CHECK(batch.succeeded() == units);
    REQUIRE(order.size() == units);
    for (int i = 0; i < units; ++i)
      CHECK(order[static_cast<std::size_t>(i)] == i);
    CHECK(identities(db) == units);
    CHECK(after.commits - before.commits == 1);
    CHECK(after.batches - before.batches == 1);
    // BEGIN or the marker, the units, COMMIT.
    CHECK(after.statements - before.statements == units + 2);
  });
}

TEST_CASE("a unit that throws takes its own work back and leaves its neighbours theirs") {
  test::on_each_engine([](fresh_database& db) {
    warm_up(db);
    constexpr int units = 64;
    constexpr int bad = 30;
    test::unit_batch batch;
    for (int i = 0; i < units; ++i) {
      batch.add([i](transaction& in) {
        accounts::claim_identity(in, number(i), i + 1, true, now).get();
        if (i == bad) throw std::runtime_error("a bug in the unit");
      });
    }
    const counted before = counts(*db);
    batch.run(*db);
    CHECK(batch.succeeded() == units - 1);
    CHECK(batch[bad].failed_with(errc::internal));
    CHECK(identities(db) == units - 1);
    CHECK(db.outside().number("SELECT COUNT(*) FROM identity WHERE phone = '" + number(bad) + "'") == 0);
    // SQLite runs the batch again with savepoints; MariaDB runs each unit again by itself.
    const std::uint64_t commits = counts(*db).commits - before.commits;
    CHECK(commits == (db->flavor() == store::sql_flavor::sqlite ? 1 : units - 1));
    CHECK(batch[0].runs == 2);
    CHECK(batch[bad].runs == (db->flavor() == store::sql_flavor::sqlite ? 3 : 2));
  });
}

TEST_CASE("a duplicate that a unit expects is an answer: the batch keeps its one commit") {
  test::on_each_engine([](fresh_database& db) {
    warm_up(db);
    test::write(*db, claim(7));
    test::unit_batch batch;
    std::vector<bool> claimed(16, false);
    for (int i = 0; i < 16; ++i) {
      batch.add([&claimed, i](transaction& in) {
        claimed[static_cast<std::size_t>(i)] = accounts::claim_identity(in, number(i % 12), i, true, now).get();
      });
    }
    const counted before = counts(*db);
    batch.run(*db);
    CHECK(counts(*db).commits - before.commits == 1);
    CHECK(batch.succeeded() == 16);
    for (int i = 0; i < 16; ++i) {
      CAPTURE(i);
      CHECK(claimed[static_cast<std::size_t>(i)] == (i != 7 && i < 12));
    }
    CHECK(identities(db) == 12);
  });
}

TEST_CASE("a duplicate that nobody expects is a bug, with nothing half written") {
  test::on_each_engine([](fresh_database& db) {
    static constexpr store::sql insert{"test.insert",
                                       "INSERT INTO identity (phone, uid, verified, created_at) VALUES (:p1, 1, 1, 1)"};
    test::write(*db, claim(1));
    for (const int neighbours : {0, 2}) {
      test::unit_batch batch;
      auto& twice = batch.add([](transaction& in) {
        in.execute(insert, number(100));
        in.execute(insert, number(1));
      });
      for (int i = 0; i < neighbours; ++i)
        batch.add(claim(10 + i));
      batch.run(*db);
      CHECK(twice.failed_with(errc::internal));
      CHECK(batch.succeeded() == static_cast<std::size_t>(neighbours));
      CHECK(identities(db) == 1 + neighbours);
    }
  });
}

TEST_CASE("a unit by itself that throws is an internal error, and the session goes on clean") {
  test::on_each_engine([](fresh_database& db) {
    for (int round = 0; round < 3; ++round) {
      test::unit_batch batch;
      const auto& bad = batch.add([](transaction& in) {
        accounts::claim_identity(in, number(1), 1, true, now).get();
        throw std::runtime_error("a bug in the unit");
      });
      batch.run(*db);
      CHECK(bad.failed_with(errc::internal));
      CHECK(bad.runs == 1);
      CHECK(identities(db) == 0);
    }
    test::write(*db, claim(2));
    CHECK(identities(db) == 1);
  });
}

TEST_CASE("a unit that waited beyond its time is answered busy and not begun") {
  test::on_each_engine([](fresh_database& db) {
    const auto past = std::chrono::steady_clock::now() - std::chrono::milliseconds(1);
    for (const bool alone : {true, false}) {
      test::unit_batch batch;
      auto& late = batch.add(claim(1));
      late.begin_before = past;
      if (!alone) batch.add(claim(2));
      if (!alone) batch.add(claim(3));
      batch.run(*db);
      CHECK(late.failed_with(errc::busy));
      CHECK(late.failure->retry_after_seconds >= 1);
      CHECK(late.runs == 0);
      CHECK(batch.succeeded() == (alone ? 0 : 2));
    }
    test::unit_batch reads;
    auto& late = reads.add([](transaction& in) { accounts::find_identity(in, "x").get(); });
    late.begin_before = past;
    const auto& early = reads.add([](transaction& in) { accounts::find_identity(in, "x").get(); });
    db->run_reads(reads.units());
    CHECK(late.failed_with(errc::busy));
    CHECK(early.succeeded());
  });
}

TEST_CASE("until units are admitted they are answered unavailable, and the database does not count as ready") {
  test::on_each_engine([](fresh_database& db) {
    store::database starting(db.settings());
    starting.open();
    CHECK_FALSE(starting.answers());
    test::unit_batch batch;
    const auto& write = batch.add(claim(1));
    starting.run_writes(0, batch.units());
    CHECK(write.failed_with(errc::unavailable));
    CHECK(write.failure->retry_after_seconds >= 1);
    test::unit_batch reads;
    const auto& read = reads.add([](transaction& in) { accounts::find_identity(in, "x").get(); });
    starting.run_reads(reads.units());
    CHECK(read.failed_with(errc::unavailable));
    CHECK(write.runs + read.runs == 0);
    starting.admit_units();
    CHECK(starting.answers());
    test::write(starting, claim(1));
  });
}

TEST_CASE("a read sees what was committed, and nothing of a unit that failed") {
  test::on_each_engine([](fresh_database& db) {
    const auto known = [&](int i) {
      return test::read(*db, [i](transaction& in) { return accounts::find_identity(in, number(i)).get().has_value(); });
    };
    test::write(*db, [&](transaction& in) {
      accounts::claim_identity(in, number(1), 1, true, now).get();
      CHECK_FALSE(known(1));  // not committed yet
    });
    CHECK(known(1));
    test::unit_batch batch;
    batch.add([](transaction& in) {
      accounts::claim_identity(in, number(2), 1, true, now).get();
      throw std::runtime_error("a bug in the unit");
    });
    batch.run(*db);
    CHECK_FALSE(known(2));
  });
}

TEST_CASE("a read that throws is an internal error and leaves its neighbours theirs") {
  test::on_each_engine([](fresh_database& db) {
    static constexpr store::sql broken{"test.broken", "SELECT nothing FROM nowhere"};
    test::unit_batch reads;
    const auto& bug = reads.add([](transaction&) { throw std::runtime_error("a bug in the unit"); });
    const auto& wrong = reads.add([](transaction& in) { in.row<std::tuple<store::int_column>>(broken); });
    const auto& fine = reads.add([](transaction& in) { accounts::find_identity(in, "x").get(); });
    db->run_reads(reads.units());
    CHECK(bug.failed_with(errc::internal));
    CHECK(wrong.failed_with(errc::internal));
    CHECK(fine.succeeded());
  });
}

TEST_CASE("each flow costs the round trips that it was planned with") {
  test::on_each_engine([](fresh_database& db) {
    const core::code_limits limits;
    const std::string mac(64, 'a');
    const auto cost = [&](const std::function<void(transaction&)>& work) {
      const counted before = counts(*db);
      test::write(*db, work);
      CHECK(counts(*db).commits - before.commits == 1);
      return counts(*db).statements - before.statements;
    };
    warm_up(db);
    // One unit by itself has a frame of two: BEGIN and COMMIT on SQLite, marker and COMMIT on MariaDB.
    CHECK(cost([](transaction& in) { accounts::find_identity(in, number(1)).get(); }) == 1 + 2);
    const auto send = [&](transaction& in) {
      CHECK(store::quota::charge_send(in, number(1), core::purpose::login, "r1", now, 60, limits).get());
      store::verification::record(in, number(1), core::purpose::login, mac, "r1", now, now + 300'000).get();
      store::outbox::message_row row;
      row.id = "m1";
      row.phone = number(1);
      store::outbox::record(in, row, "node", now).get();
    };
    CHECK(cost(send) == 3 + 2);
    const auto check_code = [&](const std::string& guess) {
      return [&, guess](transaction& in) {
        CHECK(store::quota::charge_try(in, number(1), now, limits).get());
        if (store::verification::consume(in, number(1), core::purpose::login, guess, now, 5).get().right)
          store::quota::clear_tries(in, number(1)).get();
      };
    };
    CHECK(cost(check_code(std::string(64, 'b'))) == 3 + 2);
    CHECK(cost(check_code(mac)) == 3 + 2);
    CHECK(db.outside().number("SELECT used FROM verification") == 1);
    CHECK(db->counters().reruns == 0);
    CHECK(db->counters().reconnects == 0);
  });
}

TEST_CASE("work by itself throws what it throws, after taking its changes back") {
  test::on_each_engine([](fresh_database& db) {
    test::test_unit good(claim(1));
    db->run_now(good);
    CHECK(identities(db) == 1);
    test::test_unit bug([](transaction& in) {
      accounts::claim_identity(in, number(2), 2, true, now).get();
      throw std::runtime_error("a bug in the unit");
    });
    CHECK_THROWS_AS(db->run_now(bug), std::runtime_error);
    test::test_unit refused([](transaction& in) {
      accounts::claim_identity(in, number(3), 3, true, now).get();
      throw store::sql_error(store::sql_error_kind::refused_open, 0, "test");
    });
    CHECK_THROWS_AS(db->run_now(refused), store::sql_error);
    CHECK(refused.runs == 5);
    CHECK(identities(db) == 1);
  });
}

TEST_CASE("the database is ready with the schema of this binary only") {
  test::on_each_engine([](fresh_database& db) {
    CHECK(db->answers());
    auto outside = db.outside();
    const std::string newer = std::to_string(store::newest_schema_version() + 1);
    outside.run("INSERT INTO schema_version (version, finished, owner, changed_at) VALUES (" + newer + ", 1, 'x', 0)");
    CHECK_FALSE(db->answers());
    outside.run("UPDATE schema_version SET finished = 0 WHERE version = " + newer);
    CHECK(db->answers());
    outside.run("DROP TABLE schema_version");
    CHECK_FALSE(db->answers());
  });
}

TEST_CASE("a checkpoint moves what was committed into the SQLite file") {
  test::on_sqlite([](fresh_database& db) {
    const auto modified = [&] { return std::filesystem::last_write_time(db.settings().path); };
    for (int i = 0; i < 100; ++i)
      test::write(*db, claim(i));
    const auto before = modified();
    db->checkpoint();
    CHECK(modified() > before);
    CHECK(identities(db) == 100);
  });
  test::on_mariadb([](fresh_database& db) {
    const counted before = counts(*db);
    db->checkpoint();
    CHECK(counts(*db).statements == before.statements);
  });
}
