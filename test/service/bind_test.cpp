// The number of an account: set, proved, changed. Codes and proofs belong to one session (OTP-08).
#include "service/account_service.hpp"
#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

std::string bind_number(fixture& f, const service::principal& owner, const core::phone_number& phone,
                        std::string_view code) {
  const client who(core::dialect::discuzq);
  return outcome(f.call(f.accounts().bind_phone(who, owner, phone, code)));
}
std::string rebind_number(fixture& f, const service::principal& owner, const core::phone_number& phone,
                          std::string_view code) {
  const client who(core::dialect::discuzq);
  return outcome(f.call(f.accounts().rebind_phone(who, owner, phone, code)));
}
std::string prove(fixture& f, const service::principal& owner, std::string_view code) {
  const client who(core::dialect::discuzq);
  return outcome(f.call(f.accounts().prove_own_phone(who, owner, code)));
}
bool has_proof(fixture& f, const service::principal& owner) {
  return f.call(f.accounts().has_rebind_proof(owner)).value();
}

// An account whose owner has just proved the number it has.
struct mover {
  explicit mover(fixture& f) : old_phone(new_phone()), owner(f.session_of_new_account(who, old_phone)) {
    const std::string code = f.send_code(who, old_phone, purpose::verify, owner.owner());
    REQUIRE(prove(f, owner, code) == "ok");
  }
  std::string code_for(fixture& f, const core::phone_number& phone) const {
    return f.send_code(who, phone, purpose::rebind, owner.owner());
  }

  client who{core::dialect::discuzq};
  core::phone_number old_phone;
  service::principal owner;
};

}  // namespace

TEST_CASE("an account without a number gets one by a code for that number, whichever dialect sent it") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto owner = f.account_without_number(core::dialect::discuzq);
    const auto phone = new_phone();
    CHECK(bind_number(f, owner, phone, "000000") == "wrong_code");
    const std::string code = f.send_code(client(core::dialect::smssend), phone, purpose::bind);
    CHECK(bind_number(f, owner, new_phone(), code) == "wrong_code");
    const auto done = f.call(f.accounts().bind_phone(who, owner, phone, code));
    REQUIRE(outcome(done) == "ok");
    CHECK(done->phone == phone.e164());
    CHECK(f.number_of("uid", "identity", phone) == owner.uid);
    CHECK(f.number_of("verified", "identity", phone) == 1);
    f.time.advance_seconds(61);
    CHECK(f.log_in(who, phone).account.uid == owner.uid);
  });
}

TEST_CASE("bind refuses an account that has a number, and a number that has an account; the code is spent") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto taken = new_phone();
    const auto owner = f.session_of_new_account(who, taken);
    const auto fresh = new_phone();
    const std::string code = f.send_code(who, fresh, purpose::bind);
    CHECK(bind_number(f, owner, fresh, code) == "phone_already_bound");
    CHECK(bind_number(f, owner, fresh, code) == "wrong_code");
    CHECK(f.number_of("COUNT(*)", "identity", fresh) == 0);

    const auto numberless = f.account_without_number(core::dialect::discuzq);
    const std::string other = f.send_code(who, taken, purpose::bind);
    CHECK(bind_number(f, numberless, taken, other) == "phone_taken");
    CHECK(f.number_of("uid", "identity", taken) == owner.uid);
  });
}

TEST_CASE("PWD-09: bind and rebind take a number from somebody who never proved it") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const client squatter(core::dialect::v4);
    for (const bool rebinding : {false, true}) {
      const auto phone = new_phone();
      auto request = registration_with(phone, "", "squat-pass");
      request.code_optional = true;
      const auto squatted = f.call(f.accounts().register_account(squatter, request));
      REQUIRE(outcome(squatted) == "ok");
      if (rebinding) {
        const mover user(f);
        CHECK(rebind_number(f, user.owner, phone, user.code_for(f, phone)) == "ok");
        CHECK(f.number_of("uid", "identity", phone) == user.owner.uid);
      } else {
        const auto owner = f.account_without_number(core::dialect::discuzq);
        const std::string code = f.send_code(who, phone, purpose::bind);
        CHECK(bind_number(f, owner, phone, code) == "ok");
        CHECK(f.number_of("uid", "identity", phone) == owner.uid);
      }
      CHECK(f.number_of("verified", "identity", phone) == 1);
      CHECK(outcome(f.call(f.sessions().authenticate(squatter, squatted->tokens.access_token))) == "invalid_token");
    }
  });
}

TEST_CASE("a rebind with a fresh proof moves the account, frees the old number and ends the sessions") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto old_phone = new_phone();
    const auto tokens = f.sign_up(who, old_phone).tokens;
    const auto owner = f.proved(who, tokens);
    f.time.advance_seconds(61);
    const client elsewhere(core::dialect::v4);
    const auto other_session = f.log_in(elsewhere, old_phone).tokens;
    CHECK(prove(f, owner, f.send_code(who, old_phone, purpose::verify, owner.owner())) == "ok");

    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::rebind, owner.owner());
    const auto done = f.call(f.accounts().rebind_phone(who, owner, phone, code));
    REQUIRE(outcome(done) == "ok");
    CHECK(done->uid == owner.uid);
    CHECK(done->phone == phone.e164());
    CHECK(f.number_of("COUNT(*)", "identity", old_phone) == 0);
    CHECK(f.number_of("uid", "identity", phone) == owner.uid);
    CHECK(outcome(f.call(f.sessions().authenticate(elsewhere, other_session.access_token))) == "invalid_token");
    CHECK(outcome(f.call(f.sessions().authenticate(who, tokens.access_token))) == "invalid_token");
    CHECK(outcome(f.call(f.sessions().refresh(who, tokens.refresh_token))) == "invalid_refresh_token");

    f.time.advance_seconds(61);
    CHECK(f.log_in(who, phone).account.uid == owner.uid);
    CHECK(f.sign_up(who, old_phone).account.uid != owner.uid);  // free for its next owner
  });
}

TEST_CASE("without a proof a rebind is refused before its code is touched") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto old_phone = new_phone();
    const auto owner = f.session_of_new_account(who, old_phone);
    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::rebind, owner.owner());
    CHECK_FALSE(has_proof(f, owner));
    CHECK(rebind_number(f, owner, phone, code) == "proof_required");
    CHECK(f.number_of("wrong_tries", "phone_quota", phone) == 0);
    const std::string verify = f.send_code(who, old_phone, purpose::verify, owner.owner());
    CHECK(prove(f, owner, "000000") == "wrong_code");
    CHECK_FALSE(has_proof(f, owner));
    CHECK(prove(f, owner, verify) == "ok");
    CHECK(has_proof(f, owner));
    CHECK(rebind_number(f, owner, phone, code) == "ok");
    CHECK_FALSE(has_proof(f, owner));
  });
}

TEST_CASE("OTP-08: a proof belongs to the session that made it") {
  with_services([](fixture& f) {
    const mover user(f);
    f.time.advance_seconds(61);
    const auto other = f.proved(user.who, f.log_in(user.who, user.old_phone).tokens);
    CHECK(has_proof(f, user.owner));
    CHECK_FALSE(has_proof(f, other));
    const auto phone = new_phone();
    const std::string code = f.send_code(user.who, phone, purpose::rebind, other.owner());
    CHECK(rebind_number(f, other, phone, code) == "proof_required");
  });
}

TEST_CASE("OTP-08: a rebind code of one session does nothing in another") {
  with_services([](fixture& f) {
    const mover mine(f);
    const mover theirs(f);
    const auto phone = new_phone();
    const std::string code = mine.code_for(f, phone);
    CHECK(rebind_number(f, theirs.owner, phone, code) == "wrong_code");
    CHECK(rebind_number(f, mine.owner, phone, code) == "ok");
  });
}

TEST_CASE("a proof lives for 600 seconds") {
  const set_up slow_codes{[](service::settings& config) { config.codes.ttl_seconds = 600; }};
  with_services(
      [](fixture& f) {
        for (const std::int64_t age : {599, 600}) {
          const mover user(f);
          const auto phone = new_phone();
          f.time.advance_seconds(1);  // so that the code outlives the proof
          const std::string code = user.code_for(f, phone);
          f.time.advance_seconds(age - 1);
          CHECK(has_proof(f, user.owner) == (age < 600));
          CHECK(rebind_number(f, user.owner, phone, code) == (age < 600 ? "ok" : "proof_required"));
        }
      },
      slow_codes);
}

TEST_CASE("a wrong code or a taken number does not spend the proof") {
  with_services([](fixture& f) {
    const mover user(f);
    const auto taken = new_phone();
    const auto victim = f.session_of_new_account(user.who, taken);
    const auto phone = new_phone();
    const std::string code = user.code_for(f, phone);
    CHECK(rebind_number(f, user.owner, phone, "000000") == "wrong_code");
    CHECK(rebind_number(f, user.owner, taken, user.code_for(f, taken)) == "phone_taken");
    CHECK(f.number_of("uid", "identity", taken) == victim.uid);
    CHECK(rebind_number(f, user.owner, phone, code) == "ok");
  });
}

TEST_CASE("a rebind to the number that the account has is refused at once") {
  with_services([](fixture& f) {
    const mover user(f);
    CHECK(rebind_number(f, user.owner, user.old_phone, "000000") == "same_phone");
    CHECK(f.number_of("wrong_tries", "phone_quota", user.old_phone) == 0);
    CHECK(has_proof(f, user.owner));
  });
}

TEST_CASE("the right code of a verify is spent by the proof") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    const auto owner = f.session_of_new_account(who, phone);
    const std::string code = f.send_code(who, phone, purpose::verify, owner.owner());
    CHECK(prove(f, owner, code) == "ok");
    CHECK(prove(f, owner, code) == "wrong_code");
    CHECK(has_proof(f, owner));
  });
}

TEST_CASE("TOK-06: a session that ended while its request was on the way binds, proves and rebinds nothing") {
  with_services([](fixture& f) {
    const mover user(f);
    const auto numberless = f.account_without_number(core::dialect::discuzq);
    const auto target = new_phone();
    const std::string rebind_code = user.code_for(f, target);
    const auto bound = new_phone();
    const std::string bind_code = f.send_code(user.who, bound, purpose::bind);
    const std::string pay_code = f.send_code(user.who, user.old_phone, purpose::reset_pay_password, user.owner.owner());
    f.change([&](store::transaction& in) -> core::result<void> {
      store::accounts::end_sessions(in, user.owner.uid, f.time.now());
      store::accounts::end_sessions(in, numberless.uid, f.time.now());
      return {};
    });
    CHECK(rebind_number(f, user.owner, target, rebind_code) == "invalid_token");
    CHECK(bind_number(f, numberless, bound, bind_code) == "invalid_token");
    CHECK(prove(f, user.owner, "000000") == "invalid_token");
    CHECK(outcome(f.call(f.accounts().reset_pay_password(user.who, user.owner, pay_code, "135791"))) ==
          "invalid_token");
    CHECK(f.number_of("COUNT(*)", "identity", target) == 0);
    CHECK(f.number_of("COUNT(*)", "identity", bound) == 0);
    CHECK(f.number_of("wrong_tries", "phone_quota", user.old_phone) == 0);
  });
}

TEST_CASE("an account without a number has none to prove") {
  with_services([](fixture& f) {
    const auto owner = f.account_without_number(core::dialect::discuzq);
    CHECK(prove(f, owner, "123456") == "wrong_code");
    CHECK_FALSE(has_proof(f, owner));
  });
}
