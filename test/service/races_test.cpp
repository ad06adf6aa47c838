// The same thing asked for many times at once. On SQLite one server's lane decides; on MariaDB the calls come from two
// servers, so that the database itself has to.
#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

// The servers that take part.
class servers {
 public:
  explicit servers(fixture& f) {
    all_.push_back(&f.node());
    if (f.is_sqlite()) return;
    second_ = f.new_node();
    all_.push_back(second_.get());
  }
  test_node& at(std::size_t call) { return *all_[call % all_.size()]; }

 private:
  std::unique_ptr<test_node> second_;
  std::vector<test_node*> all_;
};

// One caller each: a caller's log line belongs to one request.
class crowd {
 public:
  crowd(core::dialect where, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      all_.push_back(std::make_unique<client>(where, "192.0.2." + std::to_string(i % 250)));
  }
  const client& operator[](std::size_t i) const { return *all_[i]; }
  std::size_t size() const { return all_.size(); }

 private:
  std::vector<std::unique_ptr<client>> all_;
};

// One call per caller: `ask` gets the server and the caller's position.
template <class T, class Ask>
std::vector<T> all_at_once(servers& on, std::size_t count, Ask ask) {
  std::vector<runtime::awaitable<T>> calls;
  for (std::size_t i = 0; i < count; ++i)
    calls.push_back(ask(on.at(i), i));
  return run_together(std::move(calls));
}

const set_up patient_numbers{[](service::settings& config) { config.codes.wrong_tries_per_day = 100'000; }};

}  // namespace

TEST_CASE("OTP-03: of 64 right answers at once exactly one succeeds") {
  with_services([](fixture& f) {
    servers on(f);
    const crowd callers(core::dialect::discuzq, 64);
    const int limit = rounds(200);
    for (int round = 0; round < limit; ++round) {
      const auto phone = new_phone();
      const std::string code = f.send_code(callers[0], phone, purpose::login);
      const auto request = login_with(phone, code, true);
      const auto results = all_at_once<core::result<service::code_login_outcome>>(
          on, callers.size(),
          [&](test_node& at, std::size_t i) { return at.accounts().login_by_code(callers[i], request); });
      REQUIRE(count_of(results, "ok") == 1);
      REQUIRE(count_of(results, "ok") + count_of(results, "wrong_code") + count_of(results, "phone_locked") ==
              callers.size());
      REQUIRE(f.number_of("COUNT(*)", "account", phone) == 1);
      REQUIRE(f.number("SELECT COUNT(*) FROM session s JOIN account a ON a.uid = s.uid WHERE a.phone = '" +
                       phone.e164() + "'") == 1);
    }
  });
}

TEST_CASE("OTP-04: after 200 wrong answers at once the right one is refused, and five were compared") {
  with_services(
      [](fixture& f) {
        servers on(f);
        const crowd callers(core::dialect::v4, 200);
        const auto phone = new_phone();
        const std::string code = f.send_code(callers[0], phone, purpose::login);
        std::vector<std::string> guesses;
        for (int i = 0; i < 200; ++i) {
          const std::string guess = std::to_string(200'000 + i);
          guesses.push_back(guess == code ? "199999" : guess);
        }
        std::vector<service::code_login_request> requests;
        for (const std::string& guess : guesses)
          requests.push_back(login_with(phone, guess));
        const auto results = all_at_once<core::result<service::code_login_outcome>>(
            on, callers.size(),
            [&](test_node& at, std::size_t i) { return at.accounts().login_by_code(callers[i], requests[i]); });
        CHECK(count_of(results, "wrong_code") == 200);
        CHECK(f.number_of("attempts", "verification", phone) == 5);
        const auto right = login_with(phone, code);
        CHECK(outcome(f.call(f.accounts().login_by_code(callers[0], right))) == "wrong_code");
        CHECK(f.number_of("wrong_tries", "phone_quota", phone) == 201);
      },
      patient_numbers);
}

TEST_CASE("OTP-04: with the day's limit on, ten of 200 wrong answers at once are looked at") {
  with_services([](fixture& f) {
    servers on(f);
    const crowd callers(core::dialect::v4, 200);
    const auto phone = new_phone();
    f.send_code(callers[0], phone, purpose::login);
    const auto request = login_with(phone, "000000");
    const auto results = all_at_once<core::result<service::code_login_outcome>>(
        on, callers.size(),
        [&](test_node& at, std::size_t i) { return at.accounts().login_by_code(callers[i], request); });
    CHECK(count_of(results, "wrong_code") == 10);
    CHECK(count_of(results, "phone_locked") == 190);
    CHECK(f.number_of("wrong_tries", "phone_quota", phone) == 10);
  });
}

TEST_CASE("SEND-01: of 500 sends to one number at once exactly one goes out, and the others are told to wait") {
  with_services([](fixture& f) {
    servers on(f);
    const crowd callers(core::dialect::discuzq, 500);
    const auto phone = new_phone();
    const auto request = sending(phone, purpose::login);
    const auto results = all_at_once<core::result<service::send_receipt>>(
        on, callers.size(), [&](test_node& at, std::size_t i) { return at.verifications().send(callers[i], request); });
    CHECK(count_of(results, "ok") == 1);
    std::size_t waiting = 0;
    for (const auto& each : results)
      waiting += outcome_and_wait(each) == "send_too_soon 60" ? 1 : 0;
    CHECK(waiting == 499);
    CHECK(f.gateway.messages_to(phone.e164()).size() == 1);
    CHECK(f.number_of("COUNT(*)", "outbox", phone) == 1);
  });
}

TEST_CASE("SEND-02: seven purposes at once are five sends") {
  with_services([](fixture& f) {
    servers on(f);
    for (int round = 0; round < rounds(10); ++round) {
      const auto phone = new_phone();
      std::vector<service::send_request> requests;
      for (const purpose why : core::all_purposes)
        requests.push_back(sending(phone, why));
      const crowd callers(core::dialect::discuzq, requests.size());
      const auto results = all_at_once<core::result<service::send_receipt>>(
          on, requests.size(),
          [&](test_node& at, std::size_t i) { return at.verifications().send(callers[i], requests[i]); });
      CHECK(count_of(results, "ok") == 5);
      CHECK(count_of(results, "send_limited") == 2);
    }
  });
}

TEST_CASE("PWD-10: 64 registrations of one number at once make one account and nothing beside it") {
  with_services([](fixture& f) {
    servers on(f);
    const crowd callers(core::dialect::v4, 64);
    for (int round = 0; round < rounds(f.is_sqlite() ? 20 : 10); ++round) {
      const auto phone = new_phone();
      const std::string code = f.send_code(callers[0], phone, purpose::register_account);
      const auto request = registration_with(phone, code, "a password");
      const auto results = all_at_once<core::result<service::signed_in>>(
          on, callers.size(),
          [&](test_node& at, std::size_t i) { return at.accounts().register_account(callers[i], request); });
      REQUIRE(count_of(results, "ok") == 1);
      REQUIRE(count_of(results, "wrong_code") + count_of(results, "phone_locked") == 63);
      REQUIRE(f.number_of("COUNT(*)", "account", phone) == 1);
      REQUIRE(f.number_of("COUNT(*)", "identity", phone) == 1);
      REQUIRE(f.number("SELECT COUNT(*) FROM password p JOIN account a ON a.uid = p.uid WHERE a.phone = '" +
                       phone.e164() + "'") == 1);
    }
  });
}

TEST_CASE("PWD-10: registrations without a code, all at once, make one unverified account too") {
  with_services([](fixture& f) {
    servers on(f);
    const crowd callers(core::dialect::v4, 40);
    for (int round = 0; round < rounds(10); ++round) {
      const auto phone = new_phone();
      auto request = registration_with(phone, "", "a password");
      request.code_optional = true;
      const auto results = all_at_once<core::result<service::signed_in>>(
          on, callers.size(),
          [&](test_node& at, std::size_t i) { return at.accounts().register_account(callers[i], request); });
      REQUIRE(count_of(results, "ok") == 1);
      REQUIRE(count_of(results, "already_registered") + count_of(results, "busy") == 39);
      REQUIRE(f.number_of("COUNT(*)", "account", phone) == 1);
      REQUIRE(f.number_of("verified", "identity", phone) == 0);
    }
  });
}

TEST_CASE("PWD-06: of 64 wrong passwords at once five are compared, the others are throttled") {
  with_services([](fixture& f) {
    servers on(f);
    const crowd callers(core::dialect::v4, 64);
    const auto phone = new_phone();
    f.register_with(callers[0], phone, "right password");
    const std::size_t before = f.node().gate.begun() + (f.is_sqlite() ? 0 : on.at(1).gate.begun());
    const service::password_login_request request(phone, "wrong password");
    const auto results = all_at_once<core::result<service::signed_in>>(
        on, callers.size(),
        [&](test_node& at, std::size_t i) { return at.accounts().login_by_password(callers[i], request); });
    // Two servers that meet on the counter run again, and may give up after five times; they never compare for free.
    CHECK(count_of(results, "wrong_password") == 5);
    CHECK(count_of(results, "password_throttled") + count_of(results, "unavailable") == 59);
    const std::size_t after = f.node().gate.begun() + (f.is_sqlite() ? 0 : on.at(1).gate.begun());
    CHECK(after - before == 5);
    CHECK(f.number_of("failures", "login_failure", phone) == 5);
  });
}

TEST_CASE("PWD-08: of 40 wrong pay passwords at once five are compared") {
  with_services([](fixture& f) {
    servers on(f);
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::register_account);
    auto registration = registration_with(phone, code);
    registration.pay_password = "246810";
    const auto made = f.call(f.accounts().register_account(who, registration));
    REQUIRE(outcome(made) == "ok");
    const auto owner = f.proved(who, made->tokens);
    const auto results = all_at_once<core::result<void>>(
        on, 40, [&](test_node& at, std::size_t) { return at.accounts().check_pay_password(owner, "000000"); });
    CHECK(count_of(results, "wrong_pay_password") == 5);
    CHECK(count_of(results, "pay_password_disabled") == 35);
    CHECK(outcome(f.call(f.accounts().check_pay_password(owner, "246810"))) == "pay_password_disabled");
  });
}

TEST_CASE("TOK-07: 32 refreshes at once get one and the same successor, and the session lives") {
  with_services([](fixture& f) {
    servers on(f);
    const crowd callers(core::dialect::discuzq, 32);
    const auto session = f.sign_up(callers[0], new_phone());
    std::string token = session.tokens.refresh_token;
    for (int round = 0; round < rounds(f.is_sqlite() ? 100 : 30); ++round) {
      const auto results = all_at_once<core::result<service::refreshed>>(
          on, callers.size(), [&](test_node& at, std::size_t i) { return at.sessions().refresh(callers[i], token); });
      REQUIRE(count_of(results, "ok") == callers.size());
      std::set<std::string> successors;
      for (const auto& each : results)
        successors.insert(each->tokens.refresh_token);
      REQUIRE(successors.size() == 1);
      REQUIRE(*successors.begin() != token);
      REQUIRE(outcome(f.call(f.sessions().authenticate(callers[0], results.back()->tokens.access_token))) == "ok");
      token = *successors.begin();
    }
  });
}

TEST_CASE("one single-use invite brings one referral, however many register with it at once") {
  with_services([](fixture& f) {
    servers on(f);
    const crowd callers(core::dialect::v4, 12);
    const std::int64_t inviter = f.sign_up(callers[0], new_phone()).account.uid;
    const std::string invite = crypto::random_hex(16);
    f.change([&](store::transaction& in) -> core::result<void> {
      store::accounts::record_invite(in, invite, inviter, f.time.now() + core::ms_per_day, f.time.now());
      return {};
    });
    std::vector<core::phone_number> phones;
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < callers.size(); ++i) {
      phones.push_back(new_phone());
      codes.push_back(f.send_code(callers[i], phones.back(), purpose::register_account));
    }
    std::vector<service::registration_request> requests;
    for (std::size_t i = 0; i < callers.size(); ++i) {
      requests.push_back(registration_with(phones[i], codes[i]));
      requests.back().invite_code = invite;
    }
    const auto results = all_at_once<core::result<service::signed_in>>(
        on, callers.size(),
        [&](test_node& at, std::size_t i) { return at.accounts().register_account(callers[i], requests[i]); });
    CHECK(count_of(results, "ok") == callers.size());
    CHECK(f.number("SELECT COUNT(*) FROM referral WHERE inviter_uid = " + std::to_string(inviter)) == 1);
  });
}

TEST_CASE("a reset grant used many times at once changes the password once") {
  with_services([](fixture& f) {
    servers on(f);
    const crowd callers(core::dialect::v4, 32);
    for (int round = 0; round < rounds(10); ++round) {
      const auto phone = new_phone();
      f.register_with(callers[0], phone, "old password");
      const std::string code = f.send_code(callers[0], phone, purpose::reset_password);
      const auto token = f.call(f.accounts().prove_for_reset(callers[0], phone, code, "device"));
      REQUIRE(outcome(token) == "ok");
      std::vector<std::string> passwords;
      for (std::size_t i = 0; i < callers.size(); ++i)
        passwords.push_back("new password " + std::to_string(i).substr(0, 1));
      service::reset_proof proof;
      proof.reset_token = *token;
      const auto results =
          all_at_once<core::result<core::account>>(on, callers.size(), [&](test_node& at, std::size_t i) {
            return at.accounts().reset_password(callers[i], phone, proof, passwords[i]);
          });
      REQUIRE(count_of(results, "ok") == 1);
      REQUIRE(count_of(results, "grant_required") == 31);
    }
  });
}

TEST_CASE(
    "two rebinds of one account at once: one number wins, the old one is free, no number is left without its account") {
  with_services([](fixture& f) {
    servers on(f);
    for (int round = 0; round < rounds(20); ++round) {
      const crowd callers(core::dialect::discuzq, 2);
      const auto old_phone = new_phone();
      const auto owner = f.session_of_new_account(callers[0], old_phone);
      const std::string proof = f.send_code(callers[0], old_phone, purpose::verify, owner.owner());
      REQUIRE(outcome(f.call(f.accounts().prove_own_phone(callers[0], owner, proof))) == "ok");
      const std::vector<core::phone_number> targets{new_phone(), new_phone()};
      std::vector<std::string> codes;
      for (const auto& phone : targets)
        codes.push_back(f.send_code(callers[0], phone, purpose::rebind, owner.owner()));
      const auto results = all_at_once<core::result<core::account>>(on, 2, [&](test_node& at, std::size_t i) {
        return at.accounts().rebind_phone(callers[i], owner, targets[i], codes[i]);
      });
      REQUIRE(count_of(results, "ok") == 1);
      // The loser finds the proof spent, or its session ended.
      REQUIRE(count_of(results, "proof_required") + count_of(results, "invalid_token") == 1);
      const core::phone_number& winner = results[0] ? targets[0] : targets[1];
      const std::string uid = std::to_string(owner.uid);
      REQUIRE(f.text("SELECT phone FROM account WHERE uid = " + uid) == winner.e164());
      REQUIRE(f.text("SELECT phone FROM identity WHERE uid = " + uid) == winner.e164());
      REQUIRE(f.number("SELECT COUNT(*) FROM identity WHERE uid = " + uid) == 1);
      REQUIRE(f.number_of("COUNT(*)", "identity", old_phone) == 0);
    }
  });
}

TEST_CASE("a user id is given out once, however many ask for one") {
  with_services([](fixture& f) {
    servers on(f);
    const auto results =
        all_at_once<core::result<std::int64_t>>(on, 500, [](test_node& at, std::size_t) { return at.uids.next(); });
    std::set<std::int64_t> seen;
    for (const auto& each : results) {
      REQUIRE(outcome(each) == "ok");
      seen.insert(*each);
    }
    CHECK(seen.size() == 500);
    CHECK(*seen.begin() > 0);
  });
}

TEST_CASE("two numbers bound to one account at once: one is bound, and the other stays free") {
  with_services([](fixture& f) {
    servers on(f);
    const int limit = rounds(40);
    for (int round = 0; round < limit; ++round) {
      const crowd callers(core::dialect::discuzq, 8);
      const auto owner = f.account_without_number(core::dialect::discuzq);
      std::vector<core::phone_number> phones;
      std::vector<std::string> codes;
      for (std::size_t i = 0; i < callers.size(); ++i) {
        phones.push_back(new_phone());
        codes.push_back(f.send_code(callers[i], phones[i], purpose::bind));
      }
      const auto results =
          all_at_once<core::result<core::account>>(on, callers.size(), [&](test_node& at, std::size_t i) {
            return at.accounts().bind_phone(callers[i], owner, phones[i], codes[i]);
          });
      REQUIRE(count_of(results, "ok") == 1);
      // Their sessions may have been read before the account had a number.
      REQUIRE(count_of(results, "invalid_token") + count_of(results, "phone_already_bound") == callers.size() - 1);
      REQUIRE(f.number("SELECT COUNT(*) FROM identity WHERE uid = " + std::to_string(owner.uid)) == 1);
      REQUIRE(
          f.number(
              "SELECT COUNT(*) FROM account a JOIN identity i ON i.uid = a.uid AND i.phone = a.phone WHERE a.uid = " +
              std::to_string(owner.uid)) == 1);
    }
  });
}
