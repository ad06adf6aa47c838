// Login by code: who gets in, what is made, what a bind token is worth.
#include "crypto/mac.hpp"
#include "service/account_service.hpp"
#include "service/service_fixture.hpp"
#include "store/grant_store.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth;
using namespace smsauth::test;
using core::account_status;
using core::purpose;

namespace {

core::result<service::code_login_outcome> log_in(fixture& f, const client& who,
                                                 const service::code_login_request& request) {
  return f.call(f.accounts().login_by_code(who, request));
}

void set_status(fixture& f, std::int64_t uid, account_status status) {
  f.change([&](store::transaction& in) -> core::result<void> {
    store::accounts::set_status(in, uid, status, f.time.now());
    return {};
  });
}

}  // namespace

TEST_CASE("the first login of a number makes its account, the next ones find it, in any dialect") {
  with_services([](fixture& f) {
    const auto phone = new_phone();
    const client first(core::dialect::discuzq, "198.51.100.1");
    const auto made = f.sign_up(first, phone);
    CHECK(made.created);
    CHECK(made.account.uid > 0);
    CHECK(made.account.public_id.size() == 32);
    CHECK(made.account.phone == phone.e164());
    CHECK(made.account.username.starts_with("u_"));
    CHECK_FALSE(made.account.has_password);
    CHECK(made.account.register_address == "198.51.100.1");
    for (const core::dialect dialect : all_dialects) {
      f.time.advance_seconds(121);
      const client who(dialect, "198.51.100.2");
      const auto again = f.log_in(who, phone);
      CHECK_FALSE(again.created);
      CHECK(again.account.uid == made.account.uid);
      CHECK(again.account.last_login_address == "198.51.100.2");
      CHECK(f.proved(who, again.tokens).uid == made.account.uid);
    }
    CHECK(f.number_of("COUNT(*)", "account", phone) == 1);
  });
}

TEST_CASE("a right code for a number without an account spends the code, makes nothing and opens no session") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::login);
    const auto request = login_with(phone, code);
    const auto done = log_in(f, who, request);
    REQUIRE(outcome(done) == "ok");
    CHECK_FALSE(done->session);
    CHECK(done->bind_token.empty());
    CHECK(f.number_of("COUNT(*)", "account", phone) == 0);
    const auto creating = login_with(phone, code, true);
    CHECK(outcome(log_in(f, who, creating)) == "wrong_code");
  });
}

TEST_CASE("the bind token of an unknown number is stored hashed, belongs to that number, works once and for an hour") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto token_for = [&](const core::phone_number& phone) {
      auto request = login_with(phone, f.send_code(who, phone, purpose::login));
      const std::string code = f.last_code(phone);
      request.code = code;
      request.want_bind_token = true;
      const auto done = log_in(f, who, request);
      REQUIRE(outcome(done) == "ok");
      return done->bind_token;
    };
    const auto use = [&](const std::string& token) {
      const std::string hash = crypto::sha256_hex(token);
      return f
          .change([&](store::transaction& in) -> core::result<std::string> {
            return store::grants::use_bind_token(in, hash, f.time.now()).value_or("refused");
          })
          .value();
    };
    const auto phone = new_phone();
    const std::string token = token_for(phone);
    CHECK(token.size() == 40);
    CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
          std::string::npos);
    CHECK(f.number("SELECT COUNT(*) FROM bind_token WHERE token_hash = '" + token + "'") == 0);
    CHECK(use(token) == phone.e164());
    CHECK(use(token) == "refused");

    const std::string late = token_for(new_phone());
    f.time.advance_seconds(3'600);
    CHECK(use(late) == "refused");
    const auto other = new_phone();
    const std::string in_time = token_for(other);
    f.time.advance_seconds(3'599);
    CHECK(use(in_time) == other.e164());
  });
}

TEST_CASE("the account's status decides after the code: each refusal has its own name and no session is opened") {
  with_services([](fixture& f) {
    struct row {
      account_status status;
      const char* outcome;
    };
    for (const row each :
         {row{account_status::banned, "account_banned"}, row{account_status::pending, "account_pending"},
          row{account_status::rejected, "account_rejected"}, row{account_status::ignored, "account_ignored"},
          row{account_status::replaced, "invalid_token"}, row{account_status::normal, "ok"}}) {
      CAPTURE(std::string(each.outcome));
      const client who(core::dialect::v4);
      const auto phone = new_phone();
      const auto owner = f.register_with(who, phone, "pass-word-1");
      set_status(f, owner.account.uid, each.status);
      const std::string code = f.send_code(who, phone, purpose::login);
      const auto request = login_with(phone, code);
      CHECK(outcome(log_in(f, who, request)) == each.outcome);
      CHECK(outcome(f.password_login(who, phone, "pass-word-1")) == each.outcome);
      CHECK(outcome(f.call(f.sessions().authenticate(who, owner.tokens.access_token))) == each.outcome);
      const std::string sessions = "SELECT COUNT(*) FROM session WHERE uid = " + std::to_string(owner.account.uid);
      CHECK(f.number(sessions) == (each.status == account_status::normal ? 3 : 1));
      // Without a right code nothing of it is told.
      const auto guess = login_with(phone, "000000");
      CHECK(outcome(log_in(f, who, guess)) == "wrong_code");
    }
  });
}

TEST_CASE("with approval on, a first login registers and waits; approved, the number gets in") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::discuzq);
        const auto phone = new_phone();
        const std::string code = f.send_code(who, phone, purpose::login);
        const auto request = login_with(phone, code, true);
        CHECK(outcome(log_in(f, who, request)) == "account_pending");
        CHECK(f.number_of("status", "account", phone) == 2);
        const long long uid = f.number_of("uid", "account", phone);
        CHECK(f.number("SELECT COUNT(*) FROM session WHERE uid = " + std::to_string(uid)) == 0);

        // Its uid is taken: nobody else gets it.
        const auto other = new_phone();
        const std::string other_code = f.send_code(who, other, purpose::login);
        const auto other_request = login_with(other, other_code, true);
        CHECK(outcome(log_in(f, who, other_request)) == "account_pending");
        CHECK(f.number_of("uid", "account", other) != uid);

        set_status(f, uid, account_status::normal);
        f.time.advance_seconds(61);
        CHECK(f.log_in(who, phone).account.uid == uid);
      },
      {[](service::settings& config) { config.registration = service::registration_mode::approval; }});
}

TEST_CASE("with registration closed, known numbers log in and unknown ones are told so after a right code") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto known = new_phone();
    f.sign_up(who, known);
    service::settings config = f.config();
    config.registration = service::registration_mode::closed;
    const auto closed = f.new_node(config);
    f.time.advance_seconds(61);

    const std::string code = f.send_code(who, known, purpose::login);
    const auto request = login_with(known, code, true);
    CHECK(outcome(f.call(closed->accounts().login_by_code(who, request))) == "ok");
    const auto unknown = new_phone();
    const std::string other = f.send_code(who, unknown, purpose::login);
    const auto guess = login_with(unknown, "000000", true);
    CHECK(outcome(f.call(closed->accounts().login_by_code(who, guess))) == "wrong_code");
    const auto creating = login_with(unknown, other, true);
    CHECK(outcome(f.call(closed->accounts().login_by_code(who, creating))) == "registration_closed");
    CHECK(f.number_of("COUNT(*)", "account", unknown) == 0);
  });
}

TEST_CASE("a login from another device says so; the first device and a login without one do not") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    const auto from = [&](std::string_view device) {
      const std::string code = f.send_code(who, phone, purpose::login);
      auto request = login_with(phone, code, true);
      request.device_id = device;
      const auto done = log_in(f, who, request);
      REQUIRE(outcome(done) == "ok");
      f.time.advance_seconds(3'600);
      return done->session->device_changed;
    };
    CHECK_FALSE(from("first"));
    CHECK_FALSE(from("first"));
    CHECK_FALSE(from(""));
    CHECK(from("second"));
    CHECK_FALSE(from("second"));
    CHECK(from("first"));
    const long long uid = f.number_of("uid", "account", phone);
    CHECK(f.number("SELECT COUNT(*) FROM device WHERE uid = " + std::to_string(uid)) == 2);
  });
}

TEST_CASE("a code login with an invite code records who invited; an unknown code is ignored") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const std::int64_t inviter = f.sign_up(who, new_phone()).account.uid;
    const auto invited_by = [&](const std::string& invite) {
      const auto phone = new_phone();
      const std::string code = f.send_code(who, phone, purpose::login);
      auto request = login_with(phone, code, true);
      request.invite_code = invite;
      const auto done = log_in(f, who, request);
      REQUIRE(outcome(done) == "ok");
      const std::int64_t uid = done->session->account.uid;
      return f
          .change([&](store::transaction& in) -> core::result<std::int64_t> {
            return store::accounts::find_inviter(in, uid).value_or(0);
          })
          .value();
    };
    CHECK(invited_by("") == 0);
    CHECK(invited_by(std::to_string(inviter)) == inviter);  // discuzq's invite codes are user ids
    CHECK(invited_by(core::invite_code_of(inviter)) == inviter);
    CHECK(invited_by("99999999999999") == 0);
    CHECK(invited_by("no such code") == 0);
    CHECK(invited_by("-1") == 0);
  });
}

TEST_CASE("a known number's login ignores the invite code") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const std::int64_t inviter = f.sign_up(who, new_phone()).account.uid;
    const auto phone = new_phone();
    const std::int64_t uid = f.sign_up(who, phone).account.uid;
    f.time.advance_seconds(61);
    const std::string code = f.send_code(who, phone, purpose::login);
    auto request = login_with(phone, code, true);
    const std::string invite = core::invite_code_of(inviter);
    request.invite_code = invite;
    REQUIRE(outcome(log_in(f, who, request)) == "ok");
    CHECK(f.number("SELECT COUNT(*) FROM referral WHERE uid = " + std::to_string(uid)) == 0);
  });
}

TEST_CASE("an uid that a login did not need goes to the next account") {
  fixture f(store::sql_flavor::sqlite);
  const client who(core::dialect::discuzq);
  const auto phone = new_phone();
  const std::int64_t first = f.sign_up(who, phone).account.uid;
  for (int i = 0; i < 3; ++i) {
    f.time.advance_seconds(61);
    f.log_in(who, phone, true);  // knows the number already
  }
  CHECK(f.sign_up(who, new_phone()).account.uid == first + 1);
}

TEST_CASE("a login opens a session that the database holds no usable token of") {
  with_services([](fixture& f) {
    for (const core::dialect dialect : {core::dialect::v4, core::dialect::smssend}) {
      const client who(dialect);
      const auto session = f.sign_up(who, new_phone());
      CHECK(session.tokens.access_token.size() == 32);
      CHECK(session.tokens.refresh_token.empty());
      CHECK(f.number("SELECT COUNT(*) FROM session WHERE id = '" + session.tokens.access_token + "'") == 0);
    }
    const client discuzq(core::dialect::discuzq);
    const auto session = f.sign_up(discuzq, new_phone());
    CHECK(f.number("SELECT COUNT(*) FROM session WHERE refresh_hash = '" + session.tokens.refresh_token + "'") == 0);
    CHECK(session.tokens.expires_in_seconds == 2'592'000);
    const client module(core::dialect::module);
    CHECK(f.sign_up(module, new_phone()).tokens.expires_in_seconds == 3'600);
  });
}
