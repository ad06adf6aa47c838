#include "store/outbox_store.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace smsauth;
using store::transaction;
using store::outbox::message_row;
using store::outbox::state;
using test::fresh_database;
namespace outbox = store::outbox;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;

message_row message(const std::string& id) {
  message_row m;
  m.id = id;
  m.phone = "+8613800138000";
  m.purpose = "login";
  m.dialect = "discuzq";
  m.sealed_body = "sealed " + id;
  m.created_at = now;
  m.expires_at = now + 300'000;
  return m;
}

std::vector<std::string> ids_of(const std::vector<message_row>& rows) {
  std::vector<std::string> ids;
  for (const message_row& row : rows)
    ids.push_back(row.id);
  return ids;
}

void record_some(fresh_database& db, int count, core::epoch_ms lease_until = 0) {
  test::write(*db, [&](transaction& in) {
    for (int i = 0; i < count; ++i)
      outbox::record(in, message("m" + std::to_string(10 + i)), "n1", lease_until).get();
  });
}

}  // namespace

TEST_CASE("a pending message comes back whole, in the order of ids, between two ids") {
  test::on_each_engine([](fresh_database& db) {
    record_some(db, 5, now + 9);
    test::write(*db, [](transaction& in) {
      const auto all = outbox::find_pending(in, "", "n", 100);
      REQUIRE(all.size() == 5);
      CHECK(all[0].id == "m10");
      CHECK(all[0].phone == "+8613800138000");
      CHECK(all[0].purpose == "login");
      CHECK(all[0].dialect == "discuzq");
      CHECK(all[0].sealed_body == "sealed m10");
      CHECK(all[0].created_at == now);
      CHECK(all[0].expires_at == now + 300'000);
      CHECK(all[0].tries == 0);
      CHECK(all[0].lease_until == now + 9);
      using ids = std::vector<std::string>;
      CHECK(ids_of(outbox::find_pending(in, "m11", "m13", 100)) == ids{"m11", "m12"});
      CHECK(ids_of(outbox::find_pending(in, "m11", "n", 2)) == ids{"m11", "m12"});
      CHECK(outbox::find_pending(in, "m15", "n", 100).empty());
    });
  });
}

TEST_CASE("a message is accepted once: the same id again is an error and leaves the first alone") {
  test::on_each_engine([](fresh_database& db) {
    record_some(db, 1);
    test::unit_batch batch;
    const auto& again = batch.add([](transaction& in) {
      message_row other = message("m10");
      other.sealed_body = "another code";
      outbox::record(in, other, "n2", 0).get();
    });
    batch.run(*db);
    CHECK(again.failed_with(core::errc::internal));
    CHECK(test::read(*db, [](transaction& in) { return outbox::find_pending(in, "", "n", 9); })[0].sealed_body ==
          "sealed m10");
  });
}

TEST_CASE("finishing ends exactly the messages named, erases their bodies and cannot be undone") {
  test::on_each_engine([](fresh_database& db) {
    constexpr int count = 21;  // twice eight in one statement each, three by themselves, two that stay
    record_some(db, count);
    std::vector<std::string> ids;
    for (int i = 0; i < count - 2; ++i)
      ids.push_back("m" + std::to_string(10 + i));
    test::write(*db, [&](transaction& in) { outbox::finish(in, ids, state::handed_over, "spool", now + 5); });
    test::write(*db, [&](transaction& in) {
      CHECK(ids_of(outbox::find_pending(in, "", "n", 100)) == std::vector<std::string>{"m29", "m30"});
      outbox::finish(in, ids, state::failed, "spool", now + 6);  // they have ended: no second verdict
      outbox::finish(in, {}, state::failed, "spool", now + 6);
      for (const std::string& id : ids)
        CHECK_FALSE(outbox::take_over(in, id, "n2", now + 1'000'000, now));
    });
    auto outside = db.outside();
    CHECK(outside.number("SELECT COUNT(*) FROM outbox WHERE state = 1 AND finished_at = " + std::to_string(now + 5)) ==
          count - 2);
    CHECK(outside.number("SELECT COUNT(*) FROM outbox WHERE state <> 0 AND sealed_body <> ''") == 0);
    CHECK(outside.number("SELECT COUNT(*) FROM outbox WHERE state = 0 AND sealed_body <> ''") == 2);
  });
}

TEST_CASE("each state of a message is stored by its number") {
  test::on_each_engine([](fresh_database& db) {
    const std::vector<std::pair<state, long long>> ends{
        {state::handed_over, 1}, {state::failed, 2}, {state::expired, 3}, {state::unknown, 4}};
    record_some(db, static_cast<int>(ends.size()));
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const std::vector<std::string> one{"m" + std::to_string(10 + i)};
      test::write(*db, [&](transaction& in) { outbox::finish(in, one, ends[i].first, "spool", now); });
      CHECK(db.outside().number("SELECT state FROM outbox WHERE id = '" + one[0] + "'") == ends[i].second);
    }
  });
}

TEST_CASE("a message is taken over when its lease is over, by one node, and the try is counted") {
  test::on_each_engine([](fresh_database& db) {
    record_some(db, 1, now + 100);
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(outbox::take_over(in, "m10", "n2", now + 99, now + 200));
      CHECK(outbox::take_over(in, "m10", "n2", now + 100, now + 200));
      CHECK_FALSE(outbox::take_over(in, "m10", "n3", now + 100, now + 300));
      CHECK_FALSE(outbox::take_over(in, "M10", "n3", now + 500, now + 600));
      CHECK(outbox::find_pending(in, "", "n", 1)[0].tries == 1);
      CHECK(outbox::find_pending(in, "", "n", 1)[0].lease_until == now + 200);
      outbox::void_leases(in);
      CHECK(outbox::take_over(in, "m10", "n3", now, now + 300));
      CHECK(outbox::find_pending(in, "", "n", 1)[0].tries == 2);
    });
  });
}

TEST_CASE("the purge deletes old finished rows and keeps pending ones") {
  test::on_each_engine([](fresh_database& db) {
    record_some(db, 10);
    const std::vector<std::string> finished{"m10", "m11", "m13", "m14", "m18"};
    test::write(*db, [&](transaction& in) { outbox::finish(in, finished, state::handed_over, "spool", now); });
    test::write(*db, [](transaction& in) {
      CHECK(outbox::purge(in, "m10", 100) == 0);  // below, not up to
      CHECK(outbox::purge(in, "m15", 2) == 2);
      CHECK(outbox::purge(in, "m15", 100) == 2);
      CHECK(outbox::purge(in, "m15", 100) == 0);
      CHECK(ids_of(outbox::find_pending(in, "", "n", 100)) ==
            std::vector<std::string>{"m12", "m15", "m16", "m17", "m19"});
    });
    CHECK(db.outside().number("SELECT COUNT(*) FROM outbox") == 6);
  });
}
