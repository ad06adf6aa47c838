// Units that share their statements come to what they would come to one after the other: the same verdicts, the same
// rows. And they meet other servers as single ones do.
#include "store/gathering.hpp"

#include "core/limits.hpp"
#include "store/account_store.hpp"
#include "store/fresh_database.hpp"
#include "store/outbox_store.hpp"
#include "store/quota_store.hpp"
#include "store/session_store.hpp"
#include "store/test_units.hpp"
#include "store/verification_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <barrier>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace smsauth;
using core::purpose;
using store::task;
using store::transaction;
using test::fresh_database;

namespace {

constexpr core::epoch_ms start = 1'790'000'000'000;

// A unit made of a task.
class gathering_unit final : public store::unit {
 public:
  gathering_unit(const std::string& about, std::function<task<void>(transaction&)> work) : work_(std::move(work)) {
    key = std::hash<std::string>{}(about);
  }
  void run(transaction& in) override {
    ++runs;
    work_(in).get();
  }
  bool gathers() const noexcept override { return true; }
  task<void> begin(transaction& in) override {
    ++runs;
    return work_(in);
  }
  void fail(core::failure why) noexcept override { failure = why; }

  int runs = 0;
  std::optional<core::failure> failure;

 private:
  std::function<task<void>(transaction&)> work_;
};

// What a client of the service would ask, and what became of it.
struct request {
  std::string phone;
  std::string id;
  std::string mac;  ///< of the code sent, or tried
  core::epoch_ms now = 0;
  bool is_send = false;
  bool knows_account = false;
  std::string outcome;
  store::outbox::message_row message;
  core::account fresh;
  store::sessions::session_row session;
};

core::code_limits limits() {
  core::code_limits tight;
  tight.wrong_tries_per_day = 6;
  tight.wrong_tries_per_code = 3;
  return tight;
}

// The statements of a send and of a login by code, as the services run them.
task<void> send(transaction& in, request& one, const core::code_limits& of) {
  const bool charged = co_await store::quota::charge_send(in, one.phone, purpose::login, one.id, one.now, 60, of);
  if (!charged) {
    one.outcome = "limited";
    co_return;
  }
  co_await store::verification::record(in, one.phone, purpose::login, one.mac, one.id, one.now, one.now + 300'000);
  co_await store::outbox::record(in, one.message, "node", one.now + 30'000);
  one.outcome = "sent";
}

task<void> log_in(transaction& in, request& one, const core::code_limits& of) {
  const bool charged = co_await store::quota::charge_try(in, one.phone, one.now, of);
  if (!charged) {
    one.outcome = "locked";
    co_return;
  }
  const store::verification::comparison compared =
      co_await store::verification::consume(in, one.phone, purpose::login, one.mac, one.now, of.wrong_tries_per_code);
  if (!compared.right) {
    one.outcome = "wrong";
    co_return;
  }
  co_await store::outbox::note_used(in, one.phone, "login", compared.request_id, one.now);
  co_await store::quota::clear_tries(in, one.phone);
  const auto owner = co_await store::accounts::find_identity(in, one.phone);
  const auto found = co_await store::accounts::find_by_phone(in, one.phone);
  one.outcome = found ? "welcome back " + found->account.phone : "created";
  CHECK(owner.has_value() == found.has_value());
  std::int64_t uid = one.fresh.uid;
  if (found) {
    uid = found->account.uid;
  } else {
    const bool claimed = co_await store::accounts::claim_identity(in, one.phone, uid, true, one.now);
    if (!claimed) {
      one.outcome = "taken";
      co_return;
    }
    co_await store::accounts::create(in, one.fresh);
  }
  one.session.uid = uid;
  co_await store::sessions::create(in, one.session);
}

task<void> serve(transaction& in, request& one, const core::code_limits& of) {
  return one.is_send ? send(in, one, of) : log_in(in, one, of);
}

std::string phone_of(int number) {
  return "+86138" + std::to_string(10'000'000 + number);
}

request make(int number, int position, core::epoch_ms now, bool is_send, const std::string& code) {
  request one;
  one.phone = phone_of(number);
  one.id = "r" + std::to_string(position);
  one.mac = std::string(60, 'm') + code;
  one.now = now;
  one.is_send = is_send;
  one.message = {one.id, one.phone, "login", "v4", "sealed " + one.id, now, now + 300'000, 0, 0, "192.0.2.1"};
  one.fresh.uid = position + 1;
  one.fresh.public_id = one.id;
  one.fresh.phone = one.phone;
  one.fresh.username = "u" + one.id;
  one.session.id = one.id;
  one.session.dialect = "v4";
  one.session.created_at = now;
  return one;
}

// Everything that the requests may have changed, as text.
std::vector<std::string> contents(fresh_database& db) {
  struct table {
    const char* columns;
    const char* name;
  };
  static constexpr table tables[] = {
      {"phone, request_id, hour_started_at, hour_sends, day_started_at, day_sends, wrong_started_at, wrong_tries, "
       "sent_login",
       "phone_quota"},
      {"phone, purpose, mac, request_id, sent_at, expires_at, attempts, used", "verification"},
      {"id, phone, sealed_body, state, lease_owner, lease_until, created_at, address, used_at", "outbox"},
      {"phone, uid, verified", "identity"},
      {"uid, public_id, phone", "account"},
      {"id, uid", "session"}};
  std::vector<std::string> all;
  auto outside = db.outside();
  for (const auto& [columns, name] : tables) {
    const std::string query = std::string("SELECT CONCAT_WS('|', ") + columns + ") FROM " + name + " ORDER BY 1";
    for (std::string& line : outside.texts(query))
      all.push_back(name + (" " + line));
  }
  return all;
}

task<void> claim(transaction& in, int number, std::vector<bool>& claimed) {
  const bool mine = co_await store::accounts::claim_identity(in, phone_of(number), 100 + number, true, start);
  claimed[static_cast<std::size_t>(number)] = mine;
}

}  // namespace

TEST_CASE("a random history in gathered batches equals the same history one by one") {
  test::on_mariadb([](fresh_database& together) {
    fresh_database one_by_one(store::sql_flavor::mysql);
    const core::code_limits of = limits();
    std::mt19937 random(20261127);
    const auto below = [&](unsigned bound) { return static_cast<int>(random() % bound); };
    std::map<int, std::string> sent;
    std::map<std::string, int> outcomes;
    core::epoch_ms now = start;
    int position = 0;
    for (int batch = 0; batch < 120; ++batch) {
      now += 1'000 * (1 + below(40));
      std::vector<request> gathered;
      const int size = 2 + below(40);
      for (int i = 0; i < size; ++i) {
        const int number = below(30);  // numbers meet in a batch too
        const bool is_send = below(3) == 0;
        std::string code = std::to_string(1000 + below(3));
        if (is_send) sent[number] = code;
        if (!is_send && below(2) == 0 && sent.count(number) != 0) code = sent[number];
        gathered.push_back(make(number, position++, now + below(5), is_send, code));
      }
      std::vector<request> single = gathered;
      std::vector<std::unique_ptr<gathering_unit>> units;
      std::vector<store::unit*> pointers;
      for (request& each : gathered) {
        units.push_back(std::make_unique<gathering_unit>(
            each.phone, [&each, &of](transaction& in) { return serve(in, each, of); }));
        pointers.push_back(units.back().get());
      }
      together->run_writes(0, pointers);
      for (request& each : single) {
        gathering_unit unit(each.phone, [&each, &of](transaction& in) { return serve(in, each, of); });
        store::unit* const pointer = &unit;
        one_by_one->run_writes(0, std::span(&pointer, 1));
        REQUIRE_FALSE(unit.failure.has_value());
      }
      for (std::size_t i = 0; i < gathered.size(); ++i) {
        CAPTURE(batch);
        CAPTURE(i);
        REQUIRE_FALSE(units[i]->failure.has_value());
        REQUIRE(units[i]->runs == 1);  // nothing fell back
        REQUIRE(gathered[i].outcome == single[i].outcome);
        ++outcomes[gathered[i].outcome.substr(0, 7)];
      }
    }
    // The gathered counter of tries stops one above the cap (see quota_store.cpp), and of the messages of one batch the
    // time of use is the latest; the rest is equal to the letter.
    together.outside().run("UPDATE phone_quota SET wrong_tries = 6 WHERE wrong_tries = 7");
    for (fresh_database* const db : {&together, &one_by_one})
      db->outside().run("UPDATE outbox SET used_at = 1 WHERE used_at <> 0");
    CHECK(contents(together) == contents(one_by_one));
    for (const char* const each : {"sent", "limited", "wrong", "locked", "created", "welcome"}) {
      CAPTURE(each);
      CHECK(outcomes[each] > 20);  // a history without these would show nothing
    }
    CHECK(together->counters().reruns == 0);
    // Some 2 500 requests in 120 commits; by themselves they take four times the statements.
    CHECK(together->counters().statements * 4 < one_by_one->counters().statements);
  });
}

TEST_CASE("a unit that fails among gathered ones takes nothing from the others") {
  test::on_mariadb([](fresh_database& db) {
    test::write(*db, [](transaction& in) { store::accounts::claim_identity(in, phone_of(5), 5, true, start).get(); });
    std::vector<bool> claimed(12, false);
    std::vector<std::unique_ptr<gathering_unit>> units;
    std::vector<store::unit*> pointers;
    // The statement of all throws a duplicate, as number 5 is taken: each runs by itself then.
    for (int i = 0; i < 12; ++i) {
      units.push_back(std::make_unique<gathering_unit>(
          phone_of(i), [&claimed, i](transaction& in) { return claim(in, i, claimed); }));
      pointers.push_back(units.back().get());
    }
    db->run_writes(0, pointers);
    for (int i = 0; i < 12; ++i) {
      CAPTURE(i);
      CHECK_FALSE(units[static_cast<std::size_t>(i)]->failure.has_value());
      CHECK(claimed[static_cast<std::size_t>(i)] == (i != 5));
    }
    CHECK(db.outside().number("SELECT COUNT(*) FROM identity WHERE uid >= 100") == 11);
    CHECK(db.outside().number("SELECT uid FROM identity WHERE phone = '" + phone_of(5) + "'") == 5);
  });
}

TEST_CASE("gathered right answers on two servers at once: one success per code") {
  test::on_mariadb([](fresh_database& db) {
    constexpr int numbers = 24;
    constexpr int rounds = 10;  // a day has ten sends
    const core::code_limits of;
    const auto other = db.another_node();
    for (int round = 0; round < rounds; ++round) {
      const core::epoch_ms now = start + round * core::ms_per_hour;
      std::vector<request> sends;
      for (int i = 0; i < numbers; ++i)
        sends.push_back(make(i, round * 1000 + i, now, true, "1234"));
      for (request& each : sends) {
        gathering_unit unit(each.phone, [&](transaction& in) { return send(in, each, of); });
        store::unit* const pointer = &unit;
        db->run_writes(0, std::span(&pointer, 1));
        REQUIRE(each.outcome == "sent");
      }
      std::vector<std::vector<request>> tries(4);
      std::barrier ready(4);
      std::vector<std::thread> threads;
      for (std::size_t at = 0; at < 4; ++at) {
        for (int i = 0; i < numbers; ++i)
          tries[at].push_back(make(i, round * 1000 + 100 * (static_cast<int>(at) + 1) + i, now + 1, false, "1234"));
        if (at % 2 == 1) std::reverse(tries[at].begin(), tries[at].end());  // so that locks meet in both orders
        threads.emplace_back([&, at] {
          std::vector<std::unique_ptr<gathering_unit>> units;
          std::vector<store::unit*> pointers;
          for (request& each : tries[at]) {
            units.push_back(std::make_unique<gathering_unit>(
                each.phone, [&each, &of](transaction& in) { return log_in(in, each, of); }));
            pointers.push_back(units.back().get());
          }
          ready.arrive_and_wait();
          (at < 2 ? *db : *other).run_writes(at % 2, pointers);
          for (const auto& unit : units)
            CHECK_FALSE(unit->failure.has_value());
        });
      }
      for (std::thread& thread : threads)
        thread.join();
      std::map<std::string, int> welcome;
      for (const auto& of_one : tries)
        for (const request& each : of_one)
          if (each.outcome == "created" || each.outcome.starts_with("welcome")) ++welcome[each.phone];
      CHECK(welcome.size() == numbers);
      for (const auto& [phone, times] : welcome) {
        CAPTURE(phone);
        CHECK(times == 1);
      }
    }
    CHECK(db.outside().number("SELECT COUNT(*) FROM account") == numbers);
    CHECK(db.outside().number("SELECT COUNT(*) FROM session") == numbers * rounds);
  });
}
