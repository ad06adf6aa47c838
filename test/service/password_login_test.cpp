// Login by password: lengths, rehash, equal cost for everybody, delays.
#include "crypto/password.hpp"
#include "service/account_service.hpp"
#include "service/service_fixture.hpp"
#include "store/password_store.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

std::string stored_hash(const fixture& f, std::int64_t uid) {
  return f.text("SELECT phc FROM password WHERE kind = 'login' AND uid = " + std::to_string(uid));
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i)
    all += text;
  return all;
}

// discuzq and v4 differ in their lengths, so register through the one that is meant.
std::string registration_outcome(fixture& f, core::dialect dialect, std::string_view password) {
  const client who(dialect);
  const auto phone = new_phone();
  const std::string code = f.send_code(who, phone, purpose::register_account);
  const auto request = registration_with(phone, code, password);
  return outcome(f.call(f.accounts().register_account(who, request)));
}

}  // namespace

TEST_CASE("PWD-01: a password's length is counted in code points, and nothing else is asked of it") {
  const std::string emoji = "\xF0\x9F\x98\x80";
  struct row {
    core::dialect dialect;
    std::string password;
    bool fine;
  };
  const std::vector<row> standard{
      {core::dialect::module, std::string(5, 'a'), false},      {core::dialect::module, std::string(6, 'a'), true},
      {core::dialect::module, std::string(50, 'a'), true},      {core::dialect::module, std::string(51, 'a'), false},
      {core::dialect::v4, std::string(5, 'a'), false},          {core::dialect::v4, std::string(6, 'a'), true},
      {core::dialect::v4, std::string(14, 'a'), true},          {core::dialect::v4, std::string(15, 'a'), false},
      {core::dialect::module, repeated(emoji, 50), true},       {core::dialect::module, repeated(emoji, 51), false},
      {core::dialect::module, repeated(emoji, 5), false},       {core::dialect::module, "      ", true},
      {core::dialect::module, std::string("nul\0nul", 7), true}};
  with_services([&](fixture& f) {
    for (const row& each : standard) {
      CAPTURE(each.password);
      CHECK(registration_outcome(f, each.dialect, each.password) == (each.fine ? "ok" : "password_rule"));
    }
  });
}

TEST_CASE("PWD-01: the strict profile takes 8 to 128 code points and no well-known password") {
  const std::string emoji = "\xF0\x9F\x98\x80";
  const set_up strict{[](service::settings& config) {
    config.passwords.min_length = config.passwords.v4_min_length = 8;
    config.passwords.max_length = config.passwords.v4_max_length = 128;
    config.passwords.blocklist = true;
  }};
  with_services(
      [&](fixture& f) {
        for (const core::dialect dialect : {core::dialect::v4, core::dialect::module}) {
          CHECK(registration_outcome(f, dialect, "7letter") == "password_rule");
          CHECK(registration_outcome(f, dialect, "8letters") == "ok");
          CHECK(registration_outcome(f, dialect, repeated("ab", 32)) == "ok");
          CHECK(registration_outcome(f, dialect, repeated("ab", 64)) == "ok");
          CHECK(registration_outcome(f, dialect, repeated("ab", 64) + "c") == "password_rule");
          CHECK(registration_outcome(f, dialect, repeated(emoji, 64)) == "ok");
          CHECK(registration_outcome(f, dialect, "Password1") == "password_rule");
        }
        const client who(core::dialect::module);
        const auto phone = new_phone();
        const std::string code = f.send_code(who, phone, purpose::register_account);
        const std::string own_number(phone.national());
        const auto request = registration_with(phone, code, own_number);
        CHECK(outcome(f.call(f.accounts().register_account(who, request))) == "password_rule");
      },
      strict);
}

TEST_CASE("PWD-01: a password is never cut: one that differs after 72 bytes does not log in") {
  const set_up long_passwords{[](service::settings& config) { config.passwords.max_length = 128; }};
  with_services(
      [](fixture& f) {
        const client who(core::dialect::module);
        const auto phone = new_phone();
        const std::string begin(72, 'p');
        f.register_with(who, phone, begin + "one");
        CHECK(outcome(f.password_login(who, phone, begin + "two")) == "wrong_password");
        CHECK(outcome(f.password_login(who, phone, begin)) == "wrong_password");
        CHECK(outcome(f.password_login(who, phone, begin + "one")) == "ok");
      },
      long_passwords);
}

TEST_CASE("PWD-03: equal passwords have different hashes, Argon2id with the configured cost") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    std::set<std::string> hashes;
    for (int i = 0; i < 20; ++i) {
      const std::string phc = stored_hash(f, f.register_with(who, new_phone(), "same password").account.uid);
      CHECK(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
      hashes.insert(phc);
    }
    CHECK(hashes.size() == 20);
  });
}

TEST_CASE("PWD-03: a login renews a hash of other parameters, once, and only with the right password") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    const std::int64_t uid = f.register_with(who, phone, "right password").account.uid;
    const std::string before = stored_hash(f, uid);
    service::settings config = f.config();
    config.argon2_memory_kib = 128;
    config.argon2_iterations = 2;
    const auto dearer = f.new_node(config);
    const auto log_in = [&](test_node& at, std::string_view password) {
      const service::password_login_request request(phone, password);
      return outcome(f.call(at.accounts().login_by_password(who, request)));
    };
    CHECK(log_in(*dearer, "wrong password") == "wrong_password");
    CHECK(stored_hash(f, uid) == before);
    CHECK(log_in(*dearer, "right password") == "ok");
    const std::string after = stored_hash(f, uid);
    CHECK(after.starts_with("$argon2id$v=19$m=128,t=2,p=1$"));
    CHECK(log_in(*dearer, "right password") == "ok");
    CHECK(stored_hash(f, uid) == after);
    CHECK(log_in(*dearer, "wrong password") == "wrong_password");
  });
}

TEST_CASE(
    "PWD-03: a password changed while the old one is being checked is not undone by a rehash, nor does the old one log "
    "in") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    const std::int64_t uid = f.register_with(who, phone, "right password").account.uid;
    service::settings config = f.config();
    config.argon2_iterations = 2;
    const auto dearer = f.new_node(config);
    dearer->gate.hold();
    const service::password_login_request request(phone, "right password");
    std::string slow_login;
    std::thread login([&] { slow_login = outcome(f.call(dearer->accounts().login_by_password(who, request))); });
    dearer->gate.wait_until_begun(1);
    const std::string changed = crypto::hash_password("other password", {64, 1, 1});
    f.change([&](store::transaction& in) -> core::result<void> {
      store::passwords::record(in, uid, store::passwords::kind::login, changed, f.time.now());
      return {};
    });
    dearer->gate.release();
    login.join();
    CHECK(slow_login == "wrong_password");
    CHECK(stored_hash(f, uid) == changed);
  });
}

TEST_CASE(
    "PWD-05: an unknown number, one without a password and a wrong password cost the same hashes and statements") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto known = new_phone();
    f.register_with(who, known, "right password");
    const auto passwordless = new_phone();
    f.sign_up(who, passwordless);
    const auto cost = [&](const core::phone_number& phone) {
      const std::size_t hashes = f.node().gate.begun();
      const std::uint64_t statements = f.node().database.counters().statements;
      CHECK(outcome(f.password_login(who, phone, "wrong password")) == "wrong_password");
      return std::pair(f.node().gate.begun() - hashes, f.node().database.counters().statements - statements);
    };
    const auto of_known = cost(known);
    CHECK(of_known.first == 1);
    CHECK(cost(new_phone()) == of_known);
    CHECK(cost(passwordless) == of_known);
  });
}

TEST_CASE("PWD-06: when the hash lane is full a login is told to come back, at once, and codes are sent as before") {
  set_up narrow;
  narrow.hash_queue = 1;
  with_services(
      [](fixture& f) {
        const client who(core::dialect::v4);
        f.node().gate.hold();
        // Two workers, each held, and one waiting: from then on the lane is full.
        std::vector<std::thread> stuck;
        std::vector<std::string> outcomes(3);
        std::vector<core::phone_number> phones{new_phone(), new_phone(), new_phone()};
        std::vector<std::unique_ptr<client>> callers;
        for (std::size_t i = 0; i < 3; ++i)
          callers.push_back(std::make_unique<client>(core::dialect::v4));
        for (std::size_t i = 0; i < 3; ++i) {
          stuck.emplace_back(
              [&, i] { outcomes[i] = outcome(f.password_login(*callers[i], phones[i], "any password")); });
          if (i < 2) {
            f.node().gate.wait_until_begun(i + 1);
          } else {
            while (f.node().hashes.depth() < 1)
              std::this_thread::yield();
          }
        }
        const auto turned_away = new_phone();
        const auto refused = f.password_login(who, turned_away, "any password");
        CHECK(outcome_and_wait(refused) == "busy 1");
        CHECK(f.number_of("COUNT(*)", "login_failure", turned_away) == 0);  // what nobody compared is no failure
        CHECK(f.send_code(who, new_phone(), purpose::login).size() == 6);
        f.node().gate.release();
        for (std::thread& each : stuck)
          each.join();
        for (const std::string& each : outcomes)
          CHECK(each == "wrong_password");
      },
      narrow);
}

TEST_CASE("the fifth failure brings a delay that doubles up to a quarter of an hour; within it nothing is compared") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto known = new_phone();
    f.register_with(who, known, "right password");
    for (const core::phone_number& phone : {known, new_phone()}) {  // unknown numbers are treated alike
      for (int i = 0; i < 4; ++i)
        CHECK(outcome(f.password_login(who, phone, "wrong password")) == "wrong_password");
      for (const std::int64_t delay : {30, 60, 120, 240, 480, 900, 900, 900}) {
        CAPTURE(delay);
        CHECK(outcome(f.password_login(who, phone, "wrong password")) == "wrong_password");
        const std::size_t hashes = f.node().gate.begun();
        CHECK(outcome_and_wait(f.password_login(who, phone, "right password")) ==
              "password_throttled " + std::to_string(delay));
        f.time.advance_ms(delay * 1'000 - 1);
        CHECK(outcome_and_wait(f.password_login(who, phone, "right password")) == "password_throttled 1");
        CHECK(f.node().gate.begun() == hashes);
        f.time.advance_ms(1);
      }
    }
    CHECK(outcome(f.password_login(who, known, "right password")) == "ok");
  });
}

TEST_CASE("a right password forgives the failures before it") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    f.register_with(who, phone, "right password");
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 4; ++i)
        CHECK(outcome(f.password_login(who, phone, "wrong password")) == "wrong_password");
      CHECK(outcome(f.password_login(who, phone, "right password")) == "ok");
    }
    CHECK(f.number_of("COUNT(*)", "login_failure", phone) == 0);
  });
}

TEST_CASE("a login by password opens a session in the caller's dialect and notes address and device") {
  with_services([](fixture& f) {
    const auto phone = new_phone();
    f.register_with(client(core::dialect::v4), phone, "right password");
    for (const core::dialect dialect : all_dialects) {
      const client who(dialect, "192.0.2.99");
      service::password_login_request request(phone, "right password");
      request.device_id = core::to_string(dialect);
      const auto done = f.call(f.accounts().login_by_password(who, request));
      REQUIRE(outcome(done) == "ok");
      CHECK_FALSE(done->created);
      CHECK(done->device_changed == (dialect != core::dialect::discuzq));
      CHECK(f.proved(who, done->tokens).account.last_login_address == "192.0.2.99");
    }
  });
}
