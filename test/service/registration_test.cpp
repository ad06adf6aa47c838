// Registration: what is checked before the code, what is made, who invited, and whose number it is.
#include "service/account_service.hpp"
#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;
using service::registration_mode;

namespace {

core::result<service::signed_in> register_account(fixture& f, const client& who,
                                                  const service::registration_request& request) {
  return f.call(f.accounts().register_account(who, request));
}

// Somebody who registered a number without proving it.
service::signed_in squat(fixture& f, const client& who, const core::phone_number& phone, std::string_view password) {
  auto request = registration_with(phone, "", password);
  request.code_optional = true;
  auto done = register_account(f, who, request);
  REQUIRE(outcome(done) == "ok");
  return std::move(*done);
}

std::int64_t inviter_of(fixture& f, std::int64_t uid) {
  return f
      .change([&](store::transaction& in) -> core::result<std::int64_t> {
        return store::accounts::find_inviter(in, uid).value_or(0);
      })
      .value();
}

std::string single_use_invite(fixture& f, std::int64_t inviter, std::int64_t life_ms) {
  const std::string code = crypto::random_hex(16);
  f.change([&](store::transaction& in) -> core::result<void> {
    store::accounts::record_invite(in, code, inviter, f.time.now() + life_ms, f.time.now());
    return {};
  });
  return code;
}

}  // namespace

TEST_CASE("a registration makes the account with what was given and opens a session") {
  with_services([](fixture& f) {
    for (const core::dialect dialect : all_dialects) {
      const client who(dialect, "198.51.100.44");
      const auto phone = new_phone();
      const std::string code = f.send_code(who, phone, purpose::register_account);
      auto request = registration_with(phone, code, "pass-word-1");
      request.pay_password = "135790";
      request.name = "\xE7\x8E\x8B\xE5\xB0\x8F\xE6\x98\x8E";
      request.gender = "\xE7\x94\xB7";
      request.device_id = "device-1";
      const auto done = register_account(f, who, request);
      REQUIRE(outcome(done) == "ok");
      CHECK(done->created);
      const auto owner = f.proved(who, done->tokens).account;
      CHECK(owner.uid == done->account.uid);
      CHECK(owner.phone == phone.e164());
      CHECK(owner.name == request.name);
      CHECK(owner.gender == request.gender);
      CHECK(owner.has_password);
      CHECK(owner.has_pay_password);
      CHECK(owner.register_address == "198.51.100.44");
      CHECK(owner.last_login_device == "device-1");
      CHECK(owner.created_at == f.time.now());
      CHECK(f.number_of("verified", "identity", phone) == 1);
      CHECK(outcome(f.password_login(who, phone, "pass-word-1")) == "ok");
    }
  });
}

TEST_CASE("a registration without a session hands out no token") {
  with_services([](fixture& f) {
    const client who(core::dialect::smssend);
    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::register_account);
    auto request = registration_with(phone, code);
    request.open_session = false;
    const auto done = register_account(f, who, request);
    REQUIRE(outcome(done) == "ok");
    CHECK(done->tokens.access_token.empty());
    CHECK(f.number("SELECT COUNT(*) FROM session WHERE uid = " + std::to_string(done->account.uid)) == 0);
    CHECK_FALSE(done->account.has_password);
  });
}

TEST_CASE("what is wrong with the form is said before the code is touched") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::register_account);
    auto request = registration_with(phone, code, "short");
    CHECK(outcome(register_account(f, who, request)) == "password_rule");
    request.password = "long enough";
    for (const std::string_view bad : {"12345", "1234567", "12345a", "\xEF\xBC\x91\xEF\xBC\x92", "123 56", "-12345"}) {
      request.pay_password = bad;
      CHECK(outcome(register_account(f, who, request)) == "pay_password_rule");
    }
    request.pay_password = "";
    request.invite_code = "no such code";
    request.invite_must_exist = true;
    CHECK(outcome(register_account(f, who, request)) == "invite_invalid");
    CHECK(f.number_of("wrong_tries", "phone_quota", phone) == 0);
    request.invite_code = "";
    CHECK(outcome(register_account(f, who, request)) == "ok");
  });
}

TEST_CASE("a number that has an account is told so only after a right code") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    f.register_with(who, phone, "pass-word-1");
    f.time.advance_seconds(61);
    const std::string code = f.send_code(who, phone, purpose::register_account);
    const auto guess = registration_with(phone, "000000", "pass-word-2");
    CHECK(outcome(register_account(f, who, guess)) == "wrong_code");
    const auto request = registration_with(phone, code, "pass-word-2");
    CHECK(outcome(register_account(f, who, request)) == "already_registered");
    CHECK(outcome(f.password_login(who, phone, "pass-word-2")) == "wrong_password");
    CHECK(outcome(f.password_login(who, phone, "pass-word-1")) == "ok");
  });
}

TEST_CASE("PWD-06: who has no right code makes nobody compute a hash") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    f.send_code(who, phone, purpose::register_account);
    const std::size_t before = f.node().gate.begun();
    const auto request = registration_with(phone, "000000", "pass-word-1");
    CHECK(outcome(register_account(f, who, request)) == "wrong_code");
    CHECK(f.node().gate.begun() == before);
  });
}

TEST_CASE(
    "where the dialect asks for it, a registration signs a passwordless account in, and none that has a password") {
  with_services([](fixture& f) {
    const client who(core::dialect::module);
    const auto passwordless = new_phone();
    const std::int64_t uid = f.sign_up(who, passwordless).account.uid;
    const auto with_password = new_phone();
    f.register_with(who, with_password, "pass-word-1");
    f.time.advance_seconds(61);
    const auto attempt = [&](const core::phone_number& phone, bool sign_in) {
      const std::string code = f.send_code(who, phone, purpose::register_account);
      auto request = registration_with(phone, code);
      request.sign_in_passwordless = sign_in;
      auto done = register_account(f, who, request);
      f.time.advance_seconds(61);
      return done;
    };
    CHECK(outcome(attempt(passwordless, false)) == "already_registered");
    const auto done = attempt(passwordless, true);
    REQUIRE(outcome(done) == "ok");
    CHECK_FALSE(done->created);
    CHECK(done->account.uid == uid);
    CHECK(f.proved(who, done->tokens).uid == uid);
    CHECK(outcome(attempt(with_password, true)) == "already_registered");
  });
}

TEST_CASE("registration closed, by approval and open") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::register_account);
    const auto request = registration_with(phone, code, "pass-word-1");
    service::settings config = f.config();
    config.registration = registration_mode::closed;
    CHECK(outcome(f.call(f.new_node(config)->accounts().register_account(who, request))) == "registration_closed");
    CHECK(f.number_of("wrong_tries", "phone_quota", phone) == 0);  // the code was not touched
    config.registration = registration_mode::approval;
    CHECK(outcome(f.call(f.new_node(config)->accounts().register_account(who, request))) == "account_pending");
    CHECK(f.number_of("status", "account", phone) == 2);
    CHECK(outcome(f.password_login(who, phone, "pass-word-1")) == "account_pending");
  });
}

TEST_CASE("invite codes: one's own, a single-use one, none, and those that must exist") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const std::int64_t inviter = f.sign_up(who, new_phone()).account.uid;
    const auto invited_by = [&](const std::string& invite, bool must_exist) -> std::string {
      const auto phone = new_phone();
      const std::string code = f.send_code(who, phone, purpose::register_account);
      auto request = registration_with(phone, code, "pass-word-1");
      request.invite_code = invite;
      request.invite_must_exist = must_exist;
      const auto done = register_account(f, who, request);
      if (!done) return outcome(done);
      const std::int64_t by = inviter_of(f, done->account.uid);
      return by == inviter ? "inviter" : std::to_string(by);
    };
    const std::string own = core::invite_code_of(inviter);
    CHECK(invited_by(own, true) == "inviter");
    CHECK(invited_by(own, false) == "inviter");                            // any number of times
    CHECK(invited_by(std::to_string(inviter), true) == "invite_invalid");  // user ids are discuzq's alone
    CHECK(invited_by(core::invite_code_of(900'000'000'000), true) == "invite_invalid");
    CHECK(invited_by("unknown", true) == "invite_invalid");
    CHECK(invited_by("unknown", false) == "0");
    CHECK(invited_by("", true) == "0");

    const std::string once = single_use_invite(f, inviter, core::ms_per_day);
    CHECK(invited_by(once, true) == "inviter");
    CHECK(invited_by(once, true) == "invite_invalid");
    CHECK(invited_by(once, false) == "0");
    const std::string expired = single_use_invite(f, inviter, 1'000);
    f.time.advance_seconds(1);
    CHECK(invited_by(expired, true) == "invite_invalid");
    CHECK(invited_by(std::string(32, 'f'), true) == "invite_invalid");
  });
}

TEST_CASE("whoever asks which invite codes exist pays a look-up of the client address for each answer") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::v4, "203.0.113.40");
        auto request = registration_with(new_phone(), "000000", "pass-word-1");
        request.invite_code = "AAAAAAAA";
        request.invite_must_exist = true;
        for (int i = 0; i < 60; ++i)
          CHECK(outcome(register_account(f, who, request)) == "invite_invalid");
        CHECK(outcome(register_account(f, who, request)) == "lookup_limited");
      },
      {[](service::settings& config) { config.address_limits = true; }});
}

TEST_CASE("a registration that proves nothing costs its client address what a send costs, before any row or hash") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::v4, "203.0.113.41");
        auto request = registration_with(new_phone(), "", "");
        request.password.reset();
        request.code_optional = true;
        for (int i = 0; i < 30; ++i) {
          request.phone = new_phone();
          CHECK(outcome(register_account(f, who, request)) == "ok");
        }
        request.phone = new_phone();
        CHECK(outcome(register_account(f, who, request)) == "send_limited");
        CHECK(f.number_of("COUNT(*)", "account", request.phone) == 0);
      },
      {[](service::settings& config) { config.address_limits = true; }});
}

TEST_CASE("PWD-09: an account without a proved number does not own it") {
  with_services([](fixture& f) {
    const client squatter(core::dialect::v4);
    const client owner(core::dialect::discuzq);
    const auto phone = new_phone();
    const auto squatted = squat(f, squatter, phone, "squat-pass");
    CHECK(f.number_of("verified", "identity", phone) == 0);
    CHECK(outcome(f.call(f.sessions().authenticate(squatter, squatted.tokens.access_token))) == "ok");

    // It is not known as registered, cannot be logged in to by code, and has no password to reset.
    CHECK_FALSE(f.call(f.verifications().is_registered(owner, phone)).value());
    const service::send_request fresh(phone, purpose::register_account, service::account_condition::must_not_exist);
    CHECK(outcome(f.call(f.verifications().send(owner, fresh))) == "ok");
    const std::string code = f.send_code(owner, phone, purpose::login);
    const auto login = login_with(phone, code);
    const auto refused = f.call(f.accounts().login_by_code(owner, login));
    REQUIRE(outcome(refused) == "ok");
    CHECK_FALSE(refused->session);
    const std::string reset_code = f.send_code(owner, phone, purpose::reset_password);
    service::reset_proof proof;
    proof.code = reset_code;
    CHECK(outcome(f.call(f.accounts().reset_password(owner, phone, proof, "other-pass"))) == "not_registered");
    CHECK(outcome(f.call(f.sessions().authenticate(squatter, squatted.tokens.access_token))) == "ok");
  });
}

TEST_CASE("PWD-09: who proves the number takes it over, and the squatter's sessions and password end") {
  with_services([](fixture& f) {
    const client squatter(core::dialect::v4);
    const client owner(core::dialect::v4);
    for (const bool by_login : {false, true}) {
      CAPTURE(by_login);
      const auto phone = new_phone();
      const auto squatted = squat(f, squatter, phone, "squat-pass");
      const auto made = by_login ? f.sign_up(owner, phone) : f.register_with(owner, phone, "owner-pass");
      CHECK(made.created);
      CHECK(made.account.uid != squatted.account.uid);
      CHECK(f.number_of("uid", "identity", phone) == made.account.uid);
      CHECK(f.number_of("verified", "identity", phone) == 1);
      CHECK(f.number("SELECT status FROM account WHERE uid = " + std::to_string(squatted.account.uid)) == 5);
      CHECK(outcome(f.call(f.sessions().authenticate(squatter, squatted.tokens.access_token))) == "invalid_token");
      CHECK(outcome(f.password_login(squatter, phone, "squat-pass")) == "wrong_password");
      CHECK(outcome(f.call(f.sessions().authenticate(owner, made.tokens.access_token))) == "ok");
    }
  });
}

TEST_CASE("PWD-09: a number that somebody proved cannot be squatted, nor squatted twice") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto proved = new_phone();
    const auto owner = f.register_with(who, proved, "owner-pass");
    const auto squatted = new_phone();
    squat(f, who, squatted, "squat-pass");
    for (const core::phone_number& phone : {proved, squatted}) {
      auto request = registration_with(phone, "", "other-pass");
      request.code_optional = true;
      CHECK(outcome(register_account(f, who, request)) == "already_registered");
      CHECK(f.number_of("COUNT(*)", "account", phone) == 1);
    }
    CHECK(outcome(f.call(f.sessions().authenticate(who, owner.tokens.access_token))) == "ok");
  });
}
