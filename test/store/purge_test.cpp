#include "store/purge.hpp"

#include "core/limits.hpp"
#include "store/counter_store.hpp"
#include "store/delivery_store.hpp"
#include "store/fresh_database.hpp"
#include "store/grant_store.hpp"
#include "store/outbox_store.hpp"
#include "store/password_store.hpp"
#include "store/quota_store.hpp"
#include "store/session_store.hpp"
#include "store/test_units.hpp"
#include "store/verification_store.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

using namespace smsauth;
using core::purpose;
using purge_table = store::purge::table;
using store::transaction;
using test::fresh_database;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;
constexpr core::epoch_ms day = core::ms_per_day;
constexpr core::epoch_ms history = 7 * day;
constexpr const char* outbox_floor = "m5";

std::string number(int i) {
  return "+86138" + std::to_string(10'000'000 + i);
}
std::string hash(int i) {
  return std::string(60, 'a') + std::to_string(1000 + i);
}

// Makes row `i` whose last moment of any meaning was `end`.
struct kind_of_row {
  purge_table which;
  std::string name;
  core::epoch_ms kept_after_end;
  std::function<void(transaction&, int i, core::epoch_ms end)> record;
};

const std::vector<kind_of_row> kinds{
    {purge_table::session, "session", day,
     [](transaction& in, int i, core::epoch_ms end) {
       store::sessions::session_row row;
       row.id = "s" + std::to_string(100 + i);
       row.access_expires_at = end;
       row.refresh_expires_at = end;
       store::sessions::create(in, row).get();
     }},
    {purge_table::bind_token, "bind_token", 0,
     [](transaction& in, int i, core::epoch_ms end) { store::grants::record_bind_token(in, hash(i), number(i), end); }},
    {purge_table::reset_grant, "reset_grant", 0,
     [](transaction& in, int i, core::epoch_ms end) {
       store::grants::record_reset(in, number(i), hash(i), hash(i), "", end);
     }},
    {purge_table::verification, "verification", day,
     [](transaction& in, int i, core::epoch_ms end) {
       store::verification::record(in, number(i), purpose::login, hash(i), "r", end - 1, end).get();
     }},
    {purge_table::phone_quota, "phone_quota", 2 * day,
     [](transaction& in, int i, core::epoch_ms end) {
       store::quota::charge_send(in, number(i), purpose::login, "r" + std::to_string(i), end, 60, core::code_limits{})
           .get();
     }},
    {purge_table::login_failure, "login_failure", day,
     [](transaction& in, int i, core::epoch_ms end) {
       store::passwords::charge_failure(in, number(i), std::nullopt, {1, end}, end);
     }},
    {purge_table::address_counter, "address_counter", 0,
     [](transaction& in, int i, core::epoch_ms end) {
       store::counters::add(in, {number(i), "send", core::ms_per_hour, end - core::ms_per_hour, 1}, "node");
     }},
    {purge_table::delivery_receipt, "delivery_receipt", history,
     [](transaction& in, int i, core::epoch_ms end) {
       store::deliveries::record_receipt(in, "ali", number(i), {2, "", 0, end});
     }},
    {purge_table::send_refusal, "send_refusal", history,
     [](transaction& in, int i, core::epoch_ms end) {
       const store::deliveries::refusal one{"r", number(i), "login", "v4", "192.0.2.1", "send_too_soon", end, 1};
       store::deliveries::record_refusals(in, std::span(&one, 1));
     }},
};

// Goes round the whole table; returns in how many ranges.
int purge_all(fresh_database& db, purge_table which, std::int64_t rows, core::epoch_ms at = now) {
  std::string cursor;
  int ranges = 0;
  do {
    cursor = test::write(*db, [&](transaction& in) {
      return store::purge::range(in, which, cursor, {at, outbox_floor, at - history, rows});
    });
    ++ranges;
  } while (!cursor.empty() && ranges < 100);
  return ranges;
}

long long rows_in(fresh_database& db, const std::string& table) {
  return db.outside().number("SELECT COUNT(*) FROM " + table);
}

}  // namespace

TEST_CASE("a round deletes each row on the millisecond after its time, and no other") {
  test::on_each_engine([](fresh_database& db) {
    for (const kind_of_row& kind : kinds) {
      CAPTURE(kind.name);
      test::write(*db, [&](transaction& in) {
        for (int i = 0; i < 10; ++i)
          kind.record(in, i, i % 2 == 0 ? now - 1 : now);
      });
      const core::epoch_ms at = now + kind.kept_after_end;
      purge_all(db, kind.which, 3, at - 1);
      CHECK(rows_in(db, kind.name) == 10);
      CHECK(purge_all(db, kind.which, 3, at) >= 4);
      CHECK(rows_in(db, kind.name) == 5);
      purge_all(db, kind.which, 100, at + 1);
      CHECK(rows_in(db, kind.name) == 0);
      CHECK(purge_all(db, kind.which, 100, at + 1) == 1);
    }
  });
}

TEST_CASE("a range touches the table it is for alone") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      for (const kind_of_row& kind : kinds)
        kind.record(in, 0, now - 10 * day);
    });
    for (std::size_t purged = 0; purged < kinds.size(); ++purged) {
      purge_all(db, kinds[purged].which, 10);
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        CAPTURE(kinds[i].name);
        CHECK(rows_in(db, kinds[i].name) == (i <= purged ? 0 : 1));
      }
    }
  });
}

TEST_CASE("a number whose codes differ in age loses the old ones alone") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      for (const int i : {1, 2}) {
        store::verification::record(in, number(i), purpose::login, hash(i), "r", 0, now - 2 * day).get();
        store::verification::record(in, number(i), purpose::verify, hash(i), "r", now, now + 1000).get();
        store::verification::record(in, number(i), purpose::bind, hash(i), "r", 0, now - 2 * day).get();
      }
    });
    purge_all(db, purge_table::verification, 2);
    CHECK(rows_in(db, "verification") == 2);
    test::write(*db, [](transaction& in) {
      CHECK(store::verification::consume(in, number(1), purpose::verify, hash(1), now, 5).get().right);
      CHECK(store::verification::consume(in, number(2), purpose::verify, hash(2), now, 5).get().right);
    });
  });
}

TEST_CASE("old messages go when they are finished, and pending ones never") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      for (int i = 0; i < 10; ++i) {
        store::outbox::message_row row;
        row.id = "m" + std::to_string(i);
        store::outbox::record(in, row, "node", 0).get();
      }
      const std::vector<std::string> finished{"m0", "m2", "m3", "m7"};
      store::outbox::finish(in, finished, store::outbox::state::handed_over, "spool", now);
    });
    purge_all(db, purge_table::outbox, 100);
    CHECK(rows_in(db, "outbox") == 7);
    CHECK(db.outside().number("SELECT COUNT(*) FROM outbox WHERE state <> 0") == 1);  // m7 is too young
  });
}

TEST_CASE("tries at gateways go with their messages") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      for (int i = 0; i < 10; ++i) {
        for (const core::epoch_ms started : {1, 2}) {
          const store::deliveries::attempt one{"m" + std::to_string(i), started, "ali", "accepted", "", "", "", 1, 5};
          store::deliveries::record_attempts(in, std::span(&one, 1));
        }
      }
    });
    purge_all(db, purge_table::delivery_attempt, 3);
    CHECK(db.outside().text("SELECT MIN(message_id) FROM delivery_attempt") == std::string(outbox_floor));
    CHECK(rows_in(db, "delivery_attempt") == 10);
  });
}

TEST_CASE("a round through all tables leaves nothing that is dead") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      for (const kind_of_row& kind : kinds) {
        for (int i = 0; i < 3; ++i)
          kind.record(in, i, now - 10 * day);
      }
    });
    for (const purge_table which : store::purge::all_tables)
      purge_all(db, which, 1000);
    for (const kind_of_row& kind : kinds)
      CHECK_MESSAGE(rows_in(db, kind.name) == 0, kind.name.c_str());
  });
}
