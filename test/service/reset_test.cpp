// Forgotten passwords: codes, grants, and what ends with them.
#include "service/account_service.hpp"
#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

// An account with a password, and the one who forgot it.
struct forgetful {
  explicit forgetful(fixture& f) : phone(new_phone()), services(f) {
    session = f.register_with(who, phone, "old-password");
  }

  std::string prove(const client& by) {
    const std::string code = services.send_code(by, phone, purpose::reset_password);
    const auto token = services.call(services.accounts().prove_for_reset(by, phone, code, "device"));
    REQUIRE(outcome(token) == "ok");
    return *token;
  }
  std::string reset(const client& by, const service::reset_proof& proof, std::string_view password = "new-password") {
    return outcome(services.call(services.accounts().reset_password(by, phone, proof, password)));
  }
  std::string reset_by_token(std::string_view token, std::string_view password = "new-password") {
    service::reset_proof proof;
    proof.reset_token = token;
    return reset(who, proof, password);
  }
  std::string reset_by_client(const client& by) {
    service::reset_proof proof;
    proof.grant_by_client = true;
    return reset(by, proof);
  }
  std::string log_in(std::string_view password) { return outcome(services.password_login(who, phone, password)); }

  client who{core::dialect::v4, "198.51.100.7", "app/1.0"};
  core::phone_number phone;
  service::signed_in session;
  fixture& services;
};

}  // namespace

TEST_CASE("a reset token sets a new password, once") {
  with_services([](fixture& f) {
    forgetful user(f);
    const std::string token = user.prove(user.who);
    CHECK(token.size() == 64);
    CHECK(user.reset_by_token(token) == "ok");
    CHECK(user.log_in("old-password") == "wrong_password");
    CHECK(user.log_in("new-password") == "ok");
    CHECK(user.reset_by_token(token, "third-pass") == "grant_required");
    CHECK(f.number("SELECT COUNT(*) FROM reset_grant WHERE token_hash = '" + token + "'") == 0);
  });
}

TEST_CASE("a reset code sets a new password in one step, once") {
  with_services([](fixture& f) {
    forgetful user(f);
    const std::string code = f.send_code(user.who, user.phone, purpose::reset_password);
    service::reset_proof proof;
    proof.code = code;
    CHECK(user.reset(user.who, proof) == "ok");
    CHECK(user.reset(user.who, proof, "third-pass") == "wrong_code");
    CHECK(user.log_in("new-password") == "ok");
  });
}

TEST_CASE("an old client is known again by its address and user agent, and by both only") {
  with_services([](fixture& f) {
    forgetful user(f);
    user.prove(user.who);
    CHECK(user.reset_by_client(client(core::dialect::v4, "198.51.100.8", "app/1.0")) == "grant_required");
    CHECK(user.reset_by_client(client(core::dialect::v4, "198.51.100.7", "app/1.1")) == "grant_required");
    CHECK(user.reset_by_client(client(core::dialect::v4, "198.51.100.7", "app/1.0")) == "ok");
    CHECK(user.reset_by_client(user.who) == "grant_required");  // single use
    CHECK(f.number("SELECT COUNT(*) FROM reset_grant WHERE client_hash LIKE '%198.51.100.7%'") == 0);
  });
}

TEST_CASE("without any proof nothing is reset") {
  with_services([](fixture& f) {
    forgetful user(f);
    user.prove(user.who);
    const service::reset_proof none;
    CHECK(user.reset(user.who, none) == "grant_required");
    for (const std::string& token : {std::string(64, '0'), std::string("x"), user.session.tokens.access_token}) {
      CHECK(user.reset_by_token(token) == "grant_required");
    }
    CHECK(user.log_in("old-password") == "ok");
  });
}

TEST_CASE("a grant lives for 300 seconds") {
  with_services([](fixture& f) {
    for (const std::int64_t age : {299, 300}) {
      forgetful user(f);
      const std::string token = user.prove(user.who);
      f.time.advance_seconds(age);
      CHECK(user.reset_by_token(token) == (age < 300 ? "ok" : "grant_required"));
    }
  });
}

TEST_CASE("a grant is gone with the next send of a reset code, and only of that") {
  with_services([](fixture& f) {
    forgetful user(f);
    const std::string token = user.prove(user.who);
    f.send_code(user.who, user.phone, purpose::login);
    f.time.advance_seconds(61);
    const service::send_request request = sending(user.phone, purpose::reset_password);
    CHECK(outcome(f.call(f.verifications().send(user.who, request))) == "ok");
    CHECK(user.reset_by_token(token) == "grant_required");
    CHECK(user.reset_by_client(user.who) == "grant_required");

    forgetful other(f);
    const std::string kept = other.prove(other.who);
    f.send_code(other.who, other.phone, purpose::login);
    CHECK(other.reset_by_token(kept) == "ok");
  });
}

TEST_CASE("R-22: the newest grant of a number replaces the one before") {
  with_services([](fixture& f) {
    forgetful user(f);
    const std::string first = user.prove(user.who);
    f.time.advance_seconds(61);
    const std::string second = user.prove(user.who);
    CHECK(user.reset_by_token(first) == "grant_required");
    CHECK(user.reset_by_token(second) == "ok");
  });
}

TEST_CASE("a grant of one number resets no other") {
  with_services([](fixture& f) {
    forgetful attacker(f);
    forgetful victim(f);
    const std::string token = attacker.prove(attacker.who);
    CHECK(victim.reset_by_token(token) == "grant_required");
    CHECK(victim.reset_by_client(attacker.who) == "grant_required");
    CHECK(victim.log_in("old-password") == "ok");
    CHECK(attacker.reset_by_token(token) == "ok");
  });
}

TEST_CASE("a password that breaks the rules is refused before the proof is spent") {
  with_services([](fixture& f) {
    forgetful user(f);
    const std::string token = user.prove(user.who);
    CHECK(user.reset_by_token(token, "short") == "password_rule");
    CHECK(user.reset_by_token(token, "fifteen letters") == "password_rule");
    CHECK(user.reset_by_token(token, "fine-password") == "ok");
  });
}

TEST_CASE("discuzq refuses the password that the account has; the other dialects take it") {
  with_services([](fixture& f) {
    for (const core::dialect dialect : all_dialects) {
      forgetful user(f);
      const client who(dialect);
      const std::string code = f.send_code(who, user.phone, purpose::reset_password);
      service::reset_proof proof;
      proof.code = code;
      CHECK(user.reset(who, proof, "old-password") == (dialect == core::dialect::discuzq ? "same_password" : "ok"));
      CHECK(user.log_in("old-password") == "ok");
    }
  });
}

TEST_CASE("a number without an account has nothing to reset, and is told so only after a right code") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::reset_password);
    service::reset_proof proof;
    proof.code = "000000";
    CHECK(outcome(f.call(f.accounts().reset_password(who, phone, proof, "new-password"))) == "wrong_code");
    proof.code = code;
    CHECK(outcome(f.call(f.accounts().reset_password(who, phone, proof, "new-password"))) == "not_registered");
  });
}

TEST_CASE("PWD-07, TOK-06: a reset ends every session of the account, in every dialect, at once") {
  with_services([](fixture& f) {
    forgetful user(f);
    std::vector<std::pair<core::dialect, service::token_set>> sessions;
    for (const core::dialect dialect : all_dialects) {
      const client who(dialect);
      auto session = f.password_login(who, user.phone, "old-password");
      REQUIRE(outcome(session) == "ok");
      sessions.emplace_back(dialect, session->tokens);
      CHECK(outcome(f.call(f.sessions().authenticate(who, sessions.back().second.access_token))) == "ok");
    }
    CHECK(user.reset_by_token(user.prove(user.who)) == "ok");
    for (const auto& [dialect, tokens] : sessions) {
      const client who(dialect);
      CHECK(outcome(f.call(f.sessions().authenticate(who, tokens.access_token))) == "invalid_token");
    }
    const client discuzq(core::dialect::discuzq);
    CHECK(outcome(f.call(f.sessions().refresh(discuzq, sessions.front().second.refresh_token))) ==
          "invalid_refresh_token");
    CHECK(user.log_in("new-password") == "ok");
  });
}

TEST_CASE("a reset forgives earlier password failures and gives a passwordless account its password") {
  with_services([](fixture& f) {
    forgetful user(f);
    for (int i = 0; i < 5; ++i)
      CHECK(user.log_in("wrong-pass") == "wrong_password");
    CHECK(user.log_in("old-password") == "password_throttled");
    CHECK(user.reset_by_token(user.prove(user.who)) == "ok");
    CHECK(user.log_in("new-password") == "ok");

    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    f.sign_up(who, phone);
    const std::string code = f.send_code(who, phone, purpose::reset_password);
    service::reset_proof proof;
    proof.code = code;
    const auto changed = f.call(f.accounts().reset_password(who, phone, proof, "first-password"));
    REQUIRE(outcome(changed) == "ok");
    CHECK(changed->has_password);
    CHECK(outcome(f.password_login(who, phone, "first-password")) == "ok");
  });
}
