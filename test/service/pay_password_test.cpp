// PWD-08: the pay password has its own hash and counter, opens nothing else, and is reset by its owner's session only.
#include "service/account_service.hpp"
#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

// An account with a login password "246802-login" and the pay password 246802.
struct payer {
  explicit payer(fixture& f) : phone(new_phone()), services(f) {
    const std::string code = f.send_code(who, phone, purpose::register_account);
    auto request = registration_with(phone, code, "246802-login");
    request.pay_password = "246802";
    auto done = f.call(f.accounts().register_account(who, request));
    REQUIRE(outcome(done) == "ok");
    owner = f.proved(who, done->tokens);
  }
  std::string pay(std::string_view password) {
    return outcome(services.call(services.accounts().check_pay_password(owner, password)));
  }
  std::string reset(const service::principal& by, std::string_view code, std::string_view password) {
    return outcome(services.call(services.accounts().reset_pay_password(who, by, code, password)));
  }
  std::string send_reset() { return services.send_code(who, phone, purpose::reset_pay_password, owner.owner()); }

  client who{core::dialect::discuzq};
  core::phone_number phone;
  service::principal owner;
  fixture& services;
};

}  // namespace

TEST_CASE("PWD-08: the pay password pays and does not log in; the login password logs in and does not pay") {
  with_services([](fixture& f) {
    payer user(f);
    CHECK(user.pay("246802") == "ok");
    CHECK(user.pay("246802-login") == "wrong_pay_password");
    CHECK(outcome(f.password_login(user.who, user.phone, "246802")) == "wrong_password");
    CHECK(outcome(f.password_login(user.who, user.phone, "246802-login")) == "ok");
    CHECK(f.number("SELECT COUNT(*) FROM password WHERE uid = " + std::to_string(user.owner.uid)) == 2);
  });
}

TEST_CASE(
    "PWD-08: the fifth wrong pay password disables it; a right one before that forgives; logging in is not touched") {
  with_services([](fixture& f) {
    payer user(f);
    for (int i = 0; i < 4; ++i)
      CHECK(user.pay("000000") == "wrong_pay_password");
    CHECK(user.pay("246802") == "ok");
    for (int i = 0; i < 5; ++i)
      CHECK(user.pay("000000") == "wrong_pay_password");
    CHECK(user.pay("246802") == "pay_password_disabled");
    f.time.advance_hours(48);
    CHECK(user.pay("246802") == "pay_password_disabled");
    CHECK(outcome(f.password_login(user.who, user.phone, "246802-login")) == "ok");

    CHECK(user.reset(user.owner, user.send_reset(), "135791") == "ok");
    CHECK(user.pay("135791") == "ok");
    CHECK(user.pay("246802") == "wrong_pay_password");
  });
}

TEST_CASE("PWD-06: a pay password that a full hash lane cannot look at costs no try") {
  set_up narrow;
  narrow.hash_queue = 1;
  with_services(
      [](fixture& f) {
        payer user(f);
        const client guest(core::dialect::v4);
        const client other_guest(core::dialect::v4);
        const client third_guest(core::dialect::v4);
        std::vector<std::thread> stuck;
        const std::size_t begun = f.node().gate.begun();
        f.node().gate.hold();
        for (const client* each : {&guest, &other_guest, &third_guest}) {
          stuck.emplace_back([&f, each, phone = new_phone()] { f.password_login(*each, phone, "any-password"); });
          if (stuck.size() < 3) {
            f.node().gate.wait_until_begun(begun + stuck.size());
          } else {
            while (f.node().hashes.depth() < 1)
              std::this_thread::yield();
          }
        }
        for (int i = 0; i < 10; ++i)
          CHECK(user.pay("246802") == "busy");
        f.node().gate.release();
        for (std::thread& each : stuck)
          each.join();
        CHECK(f.number("SELECT failures FROM password WHERE kind = 'pay' AND uid = " +
                       std::to_string(user.owner.uid)) == 0);
        CHECK(user.pay("246802") == "ok");
      },
      narrow);
}

TEST_CASE("PWD-08: login failures do not disable the pay password") {
  with_services([](fixture& f) {
    payer user(f);
    for (int i = 0; i < 6; ++i)
      f.password_login(user.who, user.phone, "wrong-password");
    CHECK(user.pay("246802") == "ok");
  });
}

TEST_CASE("PWD-08: a reset code works in the session that asked for it, and for its account only") {
  with_services([](fixture& f) {
    payer user(f);
    payer other(f);
    f.time.advance_seconds(61);
    const auto second_session = f.proved(user.who, f.log_in(user.who, user.phone).tokens);
    const std::string code = user.send_reset();
    CHECK(user.reset(other.owner, code, "135791") == "wrong_code");
    CHECK(user.reset(second_session, code, "135791") == "wrong_code");
    CHECK(user.reset(user.owner, code, "135791") == "ok");
    CHECK(user.reset(user.owner, code, "975310") == "wrong_code");
    CHECK(user.pay("135791") == "ok");
    CHECK(other.pay("246802") == "ok");
  });
}

TEST_CASE("PWD-08: the new pay password has six digits and is another one; the rule is checked before the code") {
  with_services([](fixture& f) {
    payer user(f);
    const std::string code = user.send_reset();
    for (const std::string_view bad : {"", "12345", "1234567", "12345x", " 12345", "\xD9\xA1\xD9\xA2\xD9\xA3"}) {
      CHECK(user.reset(user.owner, code, bad) == "pay_password_rule");
    }
    CHECK(user.reset(user.owner, code, "246802") == "same_pay_password");  // this one has spent the code
    CHECK(user.reset(user.owner, code, "135791") == "wrong_code");
    CHECK(user.pay("246802") == "ok");
  });
}

TEST_CASE("PWD-08: an account without a pay password pays with nothing, and gets one by the same reset") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    const auto owner = f.session_of_new_account(who, phone);
    for (const std::string_view guess : {"", "000000", "123456"}) {
      CHECK(outcome(f.call(f.accounts().check_pay_password(owner, guess))) == "wrong_pay_password");
    }
    const std::string code = f.send_code(who, phone, purpose::reset_pay_password, owner.owner());
    const auto changed = f.call(f.accounts().reset_pay_password(who, owner, code, "135791"));
    REQUIRE(outcome(changed) == "ok");
    CHECK(changed->has_pay_password);
    CHECK(outcome(f.call(f.accounts().check_pay_password(owner, "135791"))) == "ok");
  });
}

TEST_CASE("PWD-08: an account without a number cannot reset its pay password") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto owner = f.account_without_number(core::dialect::discuzq);
    CHECK(outcome(f.call(f.accounts().reset_pay_password(who, owner, "123456", "135791"))) == "wrong_code");
  });
}
