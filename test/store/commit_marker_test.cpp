#include "store/commit_marker.hpp"

#include "store/cutting_proxy.hpp"
#include "store/fresh_database.hpp"
#include "store/session_pool.hpp"
#include "store/tally.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

using namespace smsauth;
using store::commit_marker;
using store::commit_verdict;
using store::transaction;
using test::commit_loss;
using test::cutting_proxy;
using test::fresh_database;
using test::tally;

namespace {

// The product's settings, but through the proxy.
store::database_settings through(const cutting_proxy& proxy, fresh_database& db) {
  store::database_settings settings = db.settings();
  settings.port = proxy.port();
  settings.write_sessions = 1;
  settings.io_timeout_seconds = 1;
  settings.lock_timeout_seconds = 1;
  return settings;
}

struct writer {
  explicit writer(fresh_database& db)
      : pool(1, db.settings(), store::session_role::writer, counter), session(pool, std::chrono::seconds(1)) {
    session->ensure_open();
  }
  std::atomic<std::uint64_t> counter{0};
  store::session_pool pool;
  store::session_pool::lease session;
};

}  // namespace

TEST_CASE("a lane's marker moves with its transactions and tells which of them were stored") {
  test::on_mariadb([](fresh_database& db) {
    writer w(db);
    commit_marker marker;
    CHECK_FALSE(marker.is_open());
    marker.open(*w.session);
    CHECK(marker.is_open());
    const auto move = [&] {
      auto in = w.session->work();
      marker.move(in);
    };
    for (int i = 0; i < 3; ++i) {
      move();
      w.session->commit();
      CHECK(marker.ask(*w.session) == commit_verdict::committed);
      move();
      w.session->roll_back();
      CHECK(marker.ask(*w.session) == commit_verdict::not_committed);
      CHECK(marker.ask(*w.session) == commit_verdict::not_committed);  // asking changes no answer
      move();
      w.session->commit();
      marker.confirm();
    }
    CHECK(db.outside().number("SELECT batch FROM commit_marker") == 6);
  });
}

TEST_CASE("a marker that is not where the lane left it is given up") {
  test::on_mariadb([](fresh_database& db) {
    writer w(db);
    commit_marker marker;
    marker.open(*w.session);
    const auto move = [&] {
      auto in = w.session->work();
      marker.move(in);
    };
    db.outside().run("UPDATE commit_marker SET batch = 17");
    CHECK_THROWS_AS(move(), store::sql_error);
    CHECK_FALSE(marker.is_open());
    w.session->roll_back();
    marker.open(*w.session);
    move();
    w.session->commit();
    marker.confirm();
    db.outside().run("DELETE FROM commit_marker");
    CHECK(marker.ask(*w.session) == commit_verdict::unknown);  // without the row nobody can tell
    CHECK_FALSE(marker.is_open());
  });
}

TEST_CASE("a COMMIT that was lost, or whose answer was, applies a unit exactly once") {
  test::on_mariadb([](fresh_database& db) {
    tally count(db, 64);
    cutting_proxy proxy("127.0.0.1", db.settings().port);
    const auto node = fresh_database::make_node(through(proxy, db));
    test::write(*node, [](transaction& in) { tally::hit(in); });
    long long expected = 1;
    // The first is that of the unit, the others are those of the questions about it.
    using enum commit_loss;
    const std::vector<std::vector<commit_loss>> stories{{request},
                                                        {answer},
                                                        {request, request},
                                                        {request, answer},
                                                        {answer, request},
                                                        {answer, answer},
                                                        {request, answer, answer, request}};
    for (int round = 0; round < 15; ++round) {
      for (const auto& losses : stories) {
        proxy.lose_commits(losses);
        test::test_unit unit([](transaction& in) { tally::hit(in); });
        store::unit* const one = &unit;
        node->run_writes(0, {&one, 1});
        CHECK(proxy.left_to_lose() == 0);
        CHECK(unit.succeeded());
        CHECK(unit.runs == (losses.front() == answer ? 1 : 2));
        CHECK(count.hits() == ++expected);
      }
    }
  });
}

TEST_CASE("a batch whose COMMIT was lost is applied exactly once, unit by unit") {
  test::on_mariadb([](fresh_database& db) {
    constexpr int units = 32;
    tally count(db, units);
    cutting_proxy proxy("127.0.0.1", db.settings().port);
    const auto node = fresh_database::make_node(through(proxy, db));
    test::write(*node, [](transaction&) {});
    int rounds = 0;
    for (const commit_loss how :
         {commit_loss::request, commit_loss::answer, commit_loss::request, commit_loss::answer}) {
      test::unit_batch batch;
      for (int i = 1; i <= units; ++i)
        batch.add([i](transaction& in) { tally::hit(in, i); });
      proxy.lose_commits({how});
      batch.run(*node);
      ++rounds;
      CHECK(proxy.left_to_lose() == 0);
      CHECK(batch.succeeded() == units);
      for (int i = 1; i <= units; ++i)
        CHECK(count.hits(i) == rounds);
      CHECK(batch[0].runs == (how == commit_loss::answer ? 1 : 2));
    }
  });
}

TEST_CASE("a server that falls silent during COMMIT is given its time-out, then asked") {
  test::on_mariadb([](fresh_database& db) {
    tally count(db);
    cutting_proxy proxy("127.0.0.1", db.settings().port);
    const auto node = fresh_database::make_node(through(proxy, db));
    test::write(*node, [](transaction& in) { tally::hit(in); });
    proxy.lose_commits({commit_loss::silence});
    test::write(*node, [](transaction& in) { tally::hit(in); });
    CHECK(count.hits() == 2);
    CHECK(node->counters().reconnects == 1);
  });
}

TEST_CASE("an outcome that the server cannot decide is answered unavailable, and is not tried again") {
  test::on_mariadb([](fresh_database& db) {
    tally count(db);
    cutting_proxy proxy("127.0.0.1", db.settings().port);
    const auto node = fresh_database::make_node(through(proxy, db));
    test::write(*node, [](transaction& in) { tally::hit(in); });
    proxy.lose_commits({commit_loss::half_request});  // the old transaction holds the marker until it is killed
    test::unit_batch batch;
    long long stuck = 0;
    const auto& unit = batch.add([&](transaction& in) {
      stuck = test::connection_of(in);
      tally::hit(in);
    });
    batch.run(*node);
    CHECK(unit.failed_with(core::errc::unavailable));
    CHECK(unit.runs == 1);
    CHECK(count.hits() == 1);
    db.outside().run("KILL " + std::to_string(stuck));
    test::write(*node, [](transaction& in) { tally::hit(in); });
    CHECK(count.hits() == 2);
  });
}
