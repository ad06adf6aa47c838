#include "store/verification_store.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;
using core::purpose;
using store::transaction;
using test::fresh_database;
namespace verification = store::verification;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;
constexpr core::epoch_ms life = 300'000;
constexpr std::int64_t tries = 5;
constexpr const char* phone = "+8613800138000";
const std::string right(64, 'a');
const std::string wrong(64, 'b');

void send(transaction& in, purpose why, const std::string& mac) {
  verification::record(in, phone, why, mac, "request", now, now + life).get();
}

long long attempts(fresh_database& db) {
  return db.outside().number("SELECT attempts FROM verification WHERE purpose = 'login'");
}

}  // namespace

TEST_CASE("a right code passes once") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(verification::consume(in, phone, purpose::login, right, now, tries).get().right);  // never sent
      send(in, purpose::login, right);
      CHECK(verification::consume(in, phone, purpose::login, right, now, tries).get().right);
      CHECK_FALSE(verification::consume(in, phone, purpose::login, right, now, tries).get().right);
    });
    CHECK(attempts(db) == 1);
  });
}

TEST_CASE("a code lives from its sending until its end, which is exclusive") {
  for (const auto& [at, passes] : {std::pair(now, true), std::pair(now + life - 1, true), std::pair(now + life, false),
                                   std::pair(now + life + 1, false)}) {
    CAPTURE(at - now);
    test::on_each_engine([at = at, passes = passes](fresh_database& db) {
      const bool passed = test::write(*db, [&](transaction& in) {
        send(in, purpose::login, right);
        return verification::consume(in, phone, purpose::login, right, at, tries).get().right;
      });
      CHECK(passed == passes);
    });
  }
}

TEST_CASE("five comparisons per code, then the right one is refused as well") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      send(in, purpose::login, right);
      for (int i = 0; i < 4; ++i)
        CHECK_FALSE(verification::consume(in, phone, purpose::login, wrong, now, tries).get().right);
    });
    CHECK(attempts(db) == 4);
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(verification::consume(in, phone, purpose::login, wrong, now, tries).get().right);
      CHECK_FALSE(verification::consume(in, phone, purpose::login, right, now, tries).get().right);
      CHECK_FALSE(verification::consume(in, phone, purpose::login, wrong, now, tries).get().right);
    });
    CHECK(attempts(db) == 5);
  });
}

TEST_CASE("the right code passes as the fifth comparison") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      send(in, purpose::login, right);
      for (int i = 0; i < 4; ++i)
        CHECK_FALSE(verification::consume(in, phone, purpose::login, wrong, now, tries).get().right);
      CHECK(verification::consume(in, phone, purpose::login, right, now, tries).get().right);
    });
  });
}

TEST_CASE("no limit of comparisons is what 0 means") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      send(in, purpose::login, right);
      for (int i = 0; i < 20; ++i)
        CHECK_FALSE(verification::consume(in, phone, purpose::login, wrong, now, 0).get().right);
      CHECK(verification::consume(in, phone, purpose::login, right, now, 0).get().right);
    });
  });
}

TEST_CASE("only the newest code works, with tries of its own") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      const std::string newest(64, 'c');
      send(in, purpose::login, right);
      for (int i = 0; i < 5; ++i)
        CHECK_FALSE(verification::consume(in, phone, purpose::login, wrong, now, tries).get().right);
      send(in, purpose::login, wrong);
      send(in, purpose::login, newest);
      CHECK_FALSE(verification::consume(in, phone, purpose::login, right, now, tries).get().right);
      CHECK_FALSE(verification::consume(in, phone, purpose::login, wrong, now, tries).get().right);
      CHECK(verification::consume(in, phone, purpose::login, newest, now, tries).get().right);
      send(in, purpose::login, right);  // a used code gives way to the next
      CHECK(verification::consume(in, phone, purpose::login, right, now, tries).get().right);
    });
  });
}

TEST_CASE("a code works for its purpose and its number alone") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      for (const purpose issued : core::all_purposes) {
        send(in, issued, right);
        for (const purpose used : core::all_purposes) {
          if (used == issued) continue;
          CAPTURE(to_string(issued));
          CAPTURE(to_string(used));
          CHECK_FALSE(verification::consume(in, phone, used, right, now, tries).get().right);
        }
        CHECK_FALSE(verification::consume(in, "+8613800138001", issued, right, now, tries).get().right);
        CHECK(verification::consume(in, phone, issued, right, now, tries).get().right);
      }
    });
  });
}

TEST_CASE("a MAC matches whole and in its own case") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      send(in, purpose::login, right);
      for (const std::string& guess :
           {std::string(64, 'A'), std::string(63, 'a'), std::string(), std::string("0"), std::string("%")}) {
        CAPTURE(guess);
        CHECK_FALSE(verification::consume(in, phone, purpose::login, guess, now, 0).get().right);
      }
      CHECK(verification::consume(in, phone, purpose::login, right, now, 0).get().right);
    });
  });
}
