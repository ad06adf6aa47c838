#include "store/counter_store.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

using namespace smsauth;
using store::transaction;
using store::counters::delta;
using test::fresh_database;
namespace counters = store::counters;

namespace {

constexpr core::epoch_ms hour = core::ms_per_hour;

}  // namespace

TEST_CASE("hits of one address add up per node, action and window") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      const delta key{"192.0.2.1", "send", hour, 10 * hour, 3};
      CHECK(counters::total(in, key) == 0);
      counters::add(in, key, "a");
      counters::add(in, key, "a");
      delta more = key;
      more.hits = 5;
      counters::add(in, more, "b");
      CHECK(counters::total(in, key) == 11);
      CHECK(counters::others(in, key, "a") == 5);
      CHECK(counters::others(in, key, "b") == 6);
      CHECK(counters::others(in, key, "c") == 11);

      delta other = key;
      other.action = "lookup";
      CHECK(counters::total(in, other) == 0);
      other = key;
      other.started_at += hour;
      CHECK(counters::total(in, other) == 0);
      other = key;
      other.window_ms = core::ms_per_day;
      CHECK(counters::total(in, other) == 0);
      other = key;
      other.address = "192.0.2.10";
      CHECK(counters::total(in, other) == 0);
      more.hits = -11;  // what was charged and refused elsewhere is given back
      counters::add(in, more, "b");
      CHECK(counters::total(in, key) == 0);
    });
  });
}

TEST_CASE("sums beyond 32 bits stay exact") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      const delta key{"192.0.2.1", "send", hour, 0, 3'000'000'000};
      counters::add(in, key, "a");
      counters::add(in, key, "b");
      CHECK(counters::total(in, key) == 6'000'000'000);
      CHECK(counters::others(in, key, "a") == 3'000'000'000);
    });
  });
}

TEST_CASE("the purge goes round the table in ranges and deletes only windows that have ended") {
  test::on_each_engine([](fresh_database& db) {
    const auto key = [](const std::string& address, core::epoch_ms start) {
      return delta{address, "send", hour, start, 1};
    };
    test::write(*db, [&](transaction& in) {
      for (const char* address : {"a", "b", "c", "d", "e"}) {
        counters::add(in, key(address, 0), "n1");
        counters::add(in, key(address, hour), "n1");
        counters::add(in, key(address, hour), "n2");
      }
    });
    test::write(*db, [&](transaction& in) {
      const core::epoch_ms at = hour + 1;  // the first windows ended at one hour, the second run
      CHECK(counters::purge_after(in, "", at, 2) == "b");
      CHECK(counters::total(in, key("b", 0)) == 0);
      CHECK(counters::total(in, key("b", hour)) == 2);
      CHECK(counters::total(in, key("c", 0)) == 1);
      CHECK(counters::purge_after(in, "b", at, 2) == "d");
      CHECK(counters::purge_after(in, "d", at, 2) == "e");
      CHECK(counters::purge_after(in, "e", at, 2).empty());
      CHECK(counters::total(in, key("e", 0)) == 0);
      CHECK(counters::total(in, key("e", hour)) == 2);
      CHECK(counters::purge_after(in, "", 2 * hour, 100) == "e");  // it ends now, not before now
      CHECK(counters::total(in, key("a", hour)) == 2);
      CHECK(counters::purge_after(in, "", 2 * hour + 1, 100) == "e");
      CHECK(counters::purge_after(in, "", 2 * hour + 1, 100).empty());
    });
  });
}
