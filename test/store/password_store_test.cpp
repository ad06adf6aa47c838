#include "store/password_store.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;
using store::transaction;
using store::passwords::kind;
using store::passwords::login_failures;
using test::fresh_database;
namespace passwords = store::passwords;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;
constexpr const char* old_phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$b2xk";
constexpr const char* new_phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$bmV3";
constexpr const char* phone = "+8613800138000";

}  // namespace

TEST_CASE("login and pay password are two hashes, each replaced by the next") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(passwords::find(in, 1, kind::login).has_value());
      passwords::record(in, 1, kind::login, old_phc, now);
      CHECK_FALSE(passwords::find(in, 1, kind::pay).has_value());
      CHECK_FALSE(passwords::find(in, 2, kind::login).has_value());
      passwords::record(in, 1, kind::pay, new_phc, now);
      CHECK(passwords::find(in, 1, kind::login)->phc == old_phc);
      CHECK(passwords::find(in, 1, kind::pay)->phc == new_phc);
      passwords::record(in, 1, kind::login, new_phc, now);
      CHECK(passwords::find(in, 1, kind::login)->phc == new_phc);
    });
  });
}

TEST_CASE("a rehash does not undo a change of password that came before it") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      passwords::record(in, 1, kind::login, old_phc, now);
      passwords::record(in, 1, kind::pay, old_phc, now);
      CHECK_FALSE(passwords::replace_hash(in, 2, kind::login, old_phc, new_phc, now));
      CHECK(passwords::replace_hash(in, 1, kind::login, old_phc, new_phc, now));
      CHECK_FALSE(passwords::replace_hash(in, 1, kind::login, old_phc, "third", now));
      CHECK(passwords::find(in, 1, kind::login)->phc == new_phc);
      CHECK(passwords::find(in, 1, kind::pay)->phc == old_phc);
      // Case matters: base64 in a PHC string differs by it.
      CHECK_FALSE(
          passwords::replace_hash(in, 1, kind::pay, "$ARGON2ID$v=19$m=19456,t=2,p=1$c2FsdA$b2xk", new_phc, now));
    });
  });
}

TEST_CASE("tries of the pay password are charged up to the cap, and a new hash or a right one clears them") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(passwords::charge_pay_try(in, 1, 5, now));  // no pay password
      passwords::record(in, 1, kind::login, old_phc, now);
      CHECK_FALSE(passwords::charge_pay_try(in, 1, 5, now));  // still none
      passwords::record(in, 1, kind::pay, old_phc, now);
      for (int i = 1; i <= 5; ++i) {
        CHECK(passwords::charge_pay_try(in, 1, 5, now));
        CHECK(passwords::find(in, 1, kind::pay)->failures == i);
      }
      CHECK_FALSE(passwords::charge_pay_try(in, 1, 5, now));
      CHECK(passwords::find(in, 1, kind::pay)->failures == 5);
      CHECK(passwords::find(in, 1, kind::login)->failures == 0);
      passwords::clear_pay_tries(in, 1, now);
      CHECK(passwords::charge_pay_try(in, 1, 5, now));
      CHECK(passwords::replace_hash(in, 1, kind::pay, old_phc, new_phc, now));
      CHECK(passwords::find(in, 1, kind::pay)->failures == 1);  // a rehash forgives nothing
      passwords::record(in, 1, kind::pay, old_phc, now);
      CHECK(passwords::find(in, 1, kind::pay)->failures == 0);
    });
  });
}

TEST_CASE("a failed login moves the counter from what was seen, or loses the race") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(passwords::find_failures(in, phone).has_value());
      CHECK(passwords::charge_failure(in, phone, std::nullopt, {1, now + 5}, now));
      CHECK_FALSE(passwords::charge_failure(in, phone, std::nullopt, {1, now + 9}, now));  // somebody was first
      const auto seen = passwords::find_failures(in, phone);
      REQUIRE(seen.has_value());
      CHECK(seen->failures == 1);
      CHECK(seen->retry_at == now + 5);
      CHECK(passwords::charge_failure(in, phone, seen, {2, now + 10}, now));
      CHECK_FALSE(passwords::charge_failure(in, phone, seen, {2, now + 10}, now));
      CHECK_FALSE(passwords::charge_failure(in, phone, login_failures{2, now + 9}, {3, now}, now));
      CHECK(passwords::find_failures(in, phone)->failures == 2);
      passwords::clear_failures(in, phone);
      CHECK_FALSE(passwords::find_failures(in, phone).has_value());
      CHECK_FALSE(passwords::charge_failure(in, phone, login_failures{2, now + 10}, {3, now}, now));
      passwords::clear_failures(in, phone);
      CHECK(passwords::charge_failure(in, phone, std::nullopt, {1, 0}, now));
    });
  });
}
