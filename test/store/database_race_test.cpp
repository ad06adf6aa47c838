// Requests that meet in the database: one winner each, on every engine, over several lanes and servers.
#include "core/limits.hpp"
#include "store/account_store.hpp"
#include "store/fresh_database.hpp"
#include "store/grant_store.hpp"
#include "store/quota_store.hpp"
#include "store/session_store.hpp"
#include "store/test_units.hpp"
#include "store/verification_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace smsauth;
using core::purpose;
using store::transaction;
using test::fresh_database;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;
const std::string right(64, 'a');

std::string phone_of(int round) {
  return "+86138" + std::to_string(10'000'000 + round);
}

// Two servers on one database, each with all its lanes, one thread per lane.
class crowd {
 public:
  explicit crowd(fresh_database& db) : crowd(db, db.lanes()) {}
  crowd(fresh_database& db, std::size_t lanes) : other_(db.another_node()) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      places_.push_back({&*db, lane});
      places_.push_back({other_.get(), lane});
    }
  }

  /// Runs `count` units at once, spread over all lanes in batches; returns how many succeeded.
  template <class Work>
  std::size_t run(int count, Work work, std::size_t batch_units = 64) {
    std::barrier ready(static_cast<std::ptrdiff_t>(places_.size()));
    std::atomic<std::size_t> succeeded{0};
    std::vector<std::thread> threads;
    for (std::size_t at = 0; at < places_.size(); ++at) {
      threads.emplace_back([&, at] {
        std::vector<test::unit_batch> batches(1);
        for (int i = static_cast<int>(at); i < count; i += static_cast<int>(places_.size())) {
          if (batches.back().units().size() == batch_units) batches.emplace_back();
          batches.back().add([&work, i](transaction& in) { work(in, i); });
        }
        ready.arrive_and_wait();
        for (test::unit_batch& batch : batches) {
          batch.run(*places_[at].node, places_[at].lane);
          succeeded += batch.succeeded();
        }
      });
    }
    for (std::thread& thread : threads)
      thread.join();
    return succeeded;
  }

 private:
  struct place {
    store::database* node;
    std::size_t lane;
  };
  std::unique_ptr<store::database> other_;
  std::vector<place> places_;
};

void send_code(fresh_database& db, const std::string& phone) {
  test::write(*db, [&](transaction& in) {
    CHECK(store::quota::charge_send(in, phone, purpose::login, phone, now, 60, core::code_limits{}).get());
    store::verification::record(in, phone, purpose::login, right, phone, now, now + 300'000).get();
  });
}

// As the service does it: charge, compare, forgive.
bool check_code(transaction& in, const std::string& phone, const std::string& mac, const core::code_limits& limits) {
  if (!store::quota::charge_try(in, phone, now, limits).get()) return false;
  if (!store::verification::consume(in, phone, purpose::login, mac, now, limits.wrong_tries_per_code).get().right)
    return false;
  store::quota::clear_tries(in, phone).get();
  return true;
}

}  // namespace

TEST_CASE("64 right answers at once: one success per code") {
  test::on_each_engine([](fresh_database& db) {
    constexpr int rounds = 40;
    constexpr int answers = 64;
    crowd all(db);
    core::code_limits patient;
    patient.wrong_tries_per_day = patient.wrong_tries_per_code = 0;  // so that only "used once" can refuse
    for (int round = 0; round < rounds; ++round) {
      const std::string phone = phone_of(round);
      send_code(db, phone);
      std::vector<char> passed(answers, 0);
      const auto answer = [&](transaction& in, int i) {
        passed[static_cast<std::size_t>(i)] = check_code(in, phone, right, patient) ? 1 : 0;
      };
      // Batches of one and of several meet in different ways.
      CHECK(all.run(answers, answer, round % 2 == 0 ? 1 : 64) == answers);
      CHECK(std::count(passed.begin(), passed.end(), 1) == 1);
    }
    CHECK(db.outside().number("SELECT COUNT(*) FROM verification WHERE used = 1") == rounds);
  });
}

TEST_CASE("200 wrong answers at once: five are compared, then the right one is refused") {
  test::on_each_engine([](fresh_database& db) {
    crowd all(db);
    const core::code_limits limits;
    for (int round = 0; round < 4; ++round) {
      const std::string phone = phone_of(round);
      send_code(db, phone);
      std::atomic<int> passed{0};
      const auto guess = [&](transaction& in, int i) {
        std::string mac(64, 'b');
        mac.replace(0, 4, std::to_string(1000 + i));
        if (check_code(in, phone, mac, limits)) ++passed;
      };
      CHECK(all.run(200, guess, 8) == 200);
      CHECK(passed == 0);
      auto outside = db.outside();
      CHECK(outside.number("SELECT attempts FROM verification WHERE phone = '" + phone + "'") ==
            limits.wrong_tries_per_code);
      CHECK(outside.number("SELECT wrong_tries FROM phone_quota WHERE phone = '" + phone + "'") ==
            limits.wrong_tries_per_day);
      CHECK_FALSE(test::write(*db, [&](transaction& in) { return check_code(in, phone, right, limits); }));
      core::code_limits patient = limits;
      patient.wrong_tries_per_day = 0;  // the day's limit is not what refuses: the code itself is dead
      CHECK_FALSE(test::write(*db, [&](transaction& in) { return check_code(in, phone, right, patient); }));
    }
  });
}

TEST_CASE("500 sends to one number at once: one is charged") {
  test::on_each_engine([](fresh_database& db) {
    crowd all(db);
    std::vector<char> charged(500, 0);
    const auto send = [&](transaction& in, int i) {
      charged[static_cast<std::size_t>(i)] =
          store::quota::charge_send(in, phone_of(0), purpose::login, "request-" + std::to_string(i), now, 60,
                                    core::code_limits{})
                  .get()
              ? 1
              : 0;
    };
    CHECK(all.run(500, send) == 500);
    CHECK(std::count(charged.begin(), charged.end(), 1) == 1);
    CHECK(db.outside().number("SELECT hour_sends + 100 * day_sends FROM phone_quota") == 101);
  });
}

TEST_CASE("64 claims of one number at once: one owner, and a claim that failed leaves no account") {
  test::on_each_engine([](fresh_database& db) {
    crowd all(db);
    for (int round = 0; round < 10; ++round) {
      std::vector<char> claimed(64, 0);
      const auto claim = [&](transaction& in, int i) {
        const std::int64_t uid = 1 + round * 100 + i;
        const bool mine = store::accounts::claim_identity(in, phone_of(round), uid, true, now).get();
        claimed[static_cast<std::size_t>(i)] = mine ? 1 : 0;
        if (!mine) return;
        core::account fresh;
        fresh.uid = uid;
        fresh.public_id = std::string(32, '0');
        fresh.phone = phone_of(round);
        store::accounts::create(in, fresh).get();
      };
      CHECK(all.run(64, claim, round % 2 == 0 ? 1 : 64) == 64);
      CHECK(std::count(claimed.begin(), claimed.end(), 1) == 1);
    }
    auto outside = db.outside();
    CHECK(outside.number("SELECT COUNT(*) FROM identity") == 10);
    CHECK(outside.number("SELECT COUNT(*) FROM account") == 10);
    CHECK(outside.number("SELECT COUNT(*) FROM account a JOIN identity i ON i.uid = a.uid AND i.phone = a.phone") ==
          10);
  });
}

TEST_CASE("a refresh token, an invite and a reset grant have one winner each") {
  test::on_each_engine([](fresh_database& db) {
    crowd all(db);
    test::write(*db, [](transaction& in) {
      store::sessions::session_row session;
      session.id = "s1";
      session.refresh_hash = std::string(64, '1');
      session.refresh_generation = 1;
      store::sessions::create(in, session).get();
      store::accounts::record_invite(in, "invite", 1, now + 1000, now);
      store::grants::record_reset(in, phone_of(0), std::string(64, '2'), std::string(64, '3'), "", now + 1000);
    });
    constexpr int clients = 32;
    struct wins {
      bool rotated = false, invited = false, reset = false;
    };
    std::vector<wins> won(clients);
    const auto try_all = [&](transaction& in, int i) {
      wins& mine = won[static_cast<std::size_t>(i)];
      const std::string next = std::string(60, '4') + std::to_string(1000 + i);
      mine.rotated = store::sessions::rotate(in, "s1", std::string(64, '1'), 1, next, now, now + 1000, now + 1000);
      mine.invited = store::accounts::use_invite(in, "invite", 10 + i, now);
      mine.reset = store::grants::use_reset_by_token(in, phone_of(0), std::string(64, '2'), now);
    };
    CHECK(all.run(clients, try_all, 4) == clients);
    CHECK(std::count_if(won.begin(), won.end(), [](const wins& each) { return each.rotated; }) == 1);
    CHECK(std::count_if(won.begin(), won.end(), [](const wins& each) { return each.invited; }) == 1);
    CHECK(std::count_if(won.begin(), won.end(), [](const wins& each) { return each.reset; }) == 1);
  });
}

TEST_CASE("servers that take blocks of user ids at once get different ones") {
  test::on_each_engine([](fresh_database& db) {
    constexpr int blocks = 40;
    crowd servers(db, 1);  // a server asks on one lane
    std::vector<std::int64_t> first(blocks, 0);
    const auto take = [&](transaction& in, int i) {
      first[static_cast<std::size_t>(i)] = store::accounts::take_uid_block(in, 100);
    };
    CHECK(servers.run(blocks, take, 1) == blocks);
    std::sort(first.begin(), first.end());
    for (int i = 0; i < blocks; ++i)
      CHECK(first[static_cast<std::size_t>(i)] == 1 + 100 * i);
  });
}
