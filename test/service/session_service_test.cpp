// Tokens: what each opens, how long, and what ends them.
#include "service/session_service.hpp"

#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

std::string check(fixture& f, core::dialect dialect, std::string_view token) {
  const client who(dialect);
  return outcome(f.call(f.sessions().authenticate(who, token)));
}
core::result<service::refreshed> refresh(fixture& f, std::string_view token,
                                         core::dialect dialect = core::dialect::discuzq) {
  const client who(dialect);
  return f.call(f.sessions().refresh(who, token));
}
std::string sign_out(fixture& f, core::dialect dialect, std::string_view token) {
  const client who(dialect);
  return outcome(f.call(f.sessions().sign_out(who, token)));
}
std::int64_t access_seconds(core::dialect dialect) {
  return dialect == core::dialect::module ? 3'600 : 2'592'000;
}

// The same token with its last character changed.
std::string altered(std::string token) {
  char& last = token[token.size() - 2];
  last = last == '0' ? '1' : '0';
  return token;
}

}  // namespace

TEST_CASE("TOK-04: a token opens its own dialect and no other, and no token stands in for one of another kind") {
  with_services([](fixture& f) {
    const auto phone = new_phone();
    for (const core::dialect issued : all_dialects) {
      const client who(issued);
      f.time.advance_seconds(121);
      const service::token_set tokens = f.sign_up(who, phone).tokens;
      for (const core::dialect used : all_dialects) {
        CAPTURE(std::string(core::to_string(issued)));
        CAPTURE(std::string(core::to_string(used)));
        CHECK(check(f, used, tokens.access_token) == std::string(used == issued ? "ok" : "invalid_token"));
        CHECK(outcome(refresh(f, tokens.access_token, used)) == "invalid_refresh_token");
        if (used != issued) CHECK(sign_out(f, used, tokens.access_token) == "invalid_token");
        if (tokens.refresh_token.empty()) continue;
        CHECK(check(f, used, tokens.refresh_token) == "invalid_token");
        if (used != issued) CHECK(outcome(refresh(f, tokens.refresh_token, used)) == "invalid_refresh_token");
      }
      CHECK(check(f, issued, tokens.access_token) == "ok");
    }
  });
}

TEST_CASE("TOK-04: bind and reset tokens open no session and refresh nothing") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto unknown = new_phone();
    const std::string code = f.send_code(who, unknown, purpose::login);
    auto request = login_with(unknown, code);
    request.want_bind_token = true;
    const auto login = f.call(f.accounts().login_by_code(who, request));
    REQUIRE(outcome(login) == "ok");

    const auto known = new_phone();
    f.register_with(who, known, "old-password");
    const std::string reset_code = f.send_code(who, known, purpose::reset_password);
    const auto reset_token = f.call(f.accounts().prove_for_reset(who, known, reset_code, ""));
    REQUIRE(outcome(reset_token) == "ok");
    for (const std::string& token : {login->bind_token, *reset_token, reset_token->substr(0, 32)}) {
      for (const core::dialect dialect : all_dialects) {
        CHECK(check(f, dialect, token) == "invalid_token");
        CHECK(outcome(refresh(f, token, dialect)) == "invalid_refresh_token");
      }
    }
    service::reset_proof proof;
    proof.reset_token = login->bind_token;
    CHECK(outcome(f.call(f.accounts().reset_password(who, known, proof, "new-password"))) == "grant_required");
  });
}

TEST_CASE("TOK-05: what is no token is refused, and so is a token with one character changed") {
  with_services([](fixture& f) {
    for (const core::dialect dialect : all_dialects) {
      const client who(dialect);
      const service::token_set tokens = f.sign_up(who, new_phone()).tokens;
      for (const std::string& text :
           {std::string(), std::string("null"), std::string(32, '0'), std::string(32, 'G'), std::string(5'000, 'a'),
            std::string(".."), std::string("eyJhbGciOiJub25lIn0.e30."), tokens.access_token + " ",
            " " + tokens.access_token, tokens.access_token + std::string(1, '\0'), tokens.access_token.substr(1),
            altered(tokens.access_token)}) {
        CAPTURE(text);
        CHECK(check(f, dialect, text) == "invalid_token");
      }
      std::string upper = tokens.access_token;
      std::transform(upper.begin(), upper.end(), upper.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      if (upper != tokens.access_token) CHECK(check(f, dialect, upper) == "invalid_token");
      CHECK(check(f, dialect, tokens.access_token) == "ok");
    }
  });
}

TEST_CASE("TOK-09: an access token lives for its dialect's time to the second") {
  with_services([](fixture& f) {
    for (const core::dialect dialect : all_dialects) {
      CAPTURE(std::string(core::to_string(dialect)));
      const client who(dialect);
      const service::token_set tokens = f.sign_up(who, new_phone()).tokens;
      CHECK(tokens.expires_in_seconds == access_seconds(dialect));
      f.time.advance_seconds(access_seconds(dialect) - 1);
      CHECK(check(f, dialect, tokens.access_token) == "ok");
      f.time.advance_seconds(1);
      CHECK(check(f, dialect, tokens.access_token) == "invalid_token");
    }
  });
}

TEST_CASE(
    "R-21: a server whose clock is a little behind takes the tokens of the others; one from the far future is "
    "refused") {
  with_services([](fixture& f) {
    for (const core::dialect dialect : {core::dialect::discuzq, core::dialect::module}) {
      const client who(dialect);
      const service::token_set tokens = f.sign_up(who, new_phone()).tokens;
      const core::epoch_ms issued = f.time.now();
      f.time.set(issued - 1'000);
      CHECK(check(f, dialect, tokens.access_token) == "ok");
      f.time.set(issued - 59'000);
      CHECK(check(f, dialect, tokens.access_token) == "ok");
      f.time.set(issued - 62'000);
      CHECK(check(f, dialect, tokens.access_token) == "invalid_token");
      f.time.set(issued);
    }
  });
}

TEST_CASE("TOK-06: a signed-out session is over at once, for good, and the account's others live on") {
  with_services([](fixture& f) {
    for (const core::dialect dialect : all_dialects) {
      const client who(dialect);
      const auto phone = new_phone();
      const service::token_set mine = f.sign_up(who, phone).tokens;
      f.time.advance_seconds(121);
      const service::token_set other = f.log_in(who, phone).tokens;
      CHECK(sign_out(f, dialect, mine.access_token) == "ok");
      CHECK(check(f, dialect, mine.access_token) == "invalid_token");
      CHECK(sign_out(f, dialect, mine.access_token) == "invalid_token");
      if (!mine.refresh_token.empty()) CHECK(outcome(refresh(f, mine.refresh_token)) == "invalid_refresh_token");
      CHECK(check(f, dialect, other.access_token) == "ok");
    }
  });
}

TEST_CASE("TOK-06: a ban holds at once on every token, and ends with the ban") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto session = f.sign_up(who, new_phone());
    const auto set_status = [&](core::account_status status) {
      f.change([&](store::transaction& in) -> core::result<void> {
        store::accounts::set_status(in, session.account.uid, status, f.time.now());
        return {};
      });
    };
    set_status(core::account_status::banned);
    CHECK(check(f, core::dialect::discuzq, session.tokens.access_token) == "account_banned");
    CHECK(outcome(refresh(f, session.tokens.refresh_token)) == "account_banned");
    set_status(core::account_status::normal);
    CHECK(check(f, core::dialect::discuzq, session.tokens.access_token) == "ok");
    CHECK(outcome(refresh(f, session.tokens.refresh_token)) == "ok");
  });
}

TEST_CASE("TOK-08: what was revoked stays revoked on another server") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const std::string token = f.sign_up(who, new_phone()).tokens.access_token;
    CHECK(sign_out(f, core::dialect::v4, token) == "ok");
    const auto next = f.new_node();
    CHECK(outcome(f.call(next->sessions().authenticate(who, token))) == "invalid_token");
  });
}

TEST_CASE("TOK-07: a refresh gives a new pair, whose access token works and whose refresh token is the next one") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto session = f.sign_up(who, new_phone());
    std::string token = session.tokens.refresh_token;
    std::set<std::string> seen{token};
    for (int i = 0; i < 5; ++i) {
      f.time.advance_hours(24);
      const auto next = refresh(f, token);
      REQUIRE(outcome(next) == "ok");
      CHECK(next->uid == session.account.uid);
      CHECK(next->tokens.expires_in_seconds == 2'592'000);
      CHECK(check(f, core::dialect::discuzq, next->tokens.access_token) == "ok");
      token = next->tokens.refresh_token;
      CHECK(seen.insert(token).second);
      CHECK(token.size() >= 64);  // 256 bits and more, in hex
    }
    CHECK(f.number("SELECT COUNT(*) FROM session WHERE uid = " + std::to_string(session.account.uid)) == 1);
  });
}

TEST_CASE("TOK-07: a replay within the grace gets the same successor; a later one ends the family") {
  with_services([](fixture& f) {
    struct row {
      std::int64_t after_seconds;
      bool fine;
    };
    for (const row each : {row{0, true}, row{5, true}, row{20, true}, row{21, false}, row{60, false}}) {
      CAPTURE(each.after_seconds);
      const client who(core::dialect::discuzq);
      const auto session = f.sign_up(who, new_phone());
      const auto first = refresh(f, session.tokens.refresh_token);
      REQUIRE(outcome(first) == "ok");
      f.time.advance_seconds(each.after_seconds);
      const auto replay = refresh(f, session.tokens.refresh_token);
      CHECK(outcome(replay) == (each.fine ? "ok" : "invalid_refresh_token"));
      if (replay) {
        CHECK(replay->tokens.refresh_token == first->tokens.refresh_token);
        CHECK(check(f, core::dialect::discuzq, replay->tokens.access_token) == "ok");
      }
      CHECK(outcome(refresh(f, first->tokens.refresh_token)) == (each.fine ? "ok" : "invalid_refresh_token"));
      CHECK(check(f, core::dialect::discuzq, first->tokens.access_token) == (each.fine ? "ok" : "invalid_token"));
      CHECK(check(f, core::dialect::discuzq, session.tokens.access_token) == (each.fine ? "ok" : "invalid_token"));
    }
  });
}

TEST_CASE("TOK-07: a token two generations old ends the family even within the grace") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto session = f.sign_up(who, new_phone());
    const auto first = refresh(f, session.tokens.refresh_token);
    REQUIRE(outcome(first) == "ok");
    const auto second = refresh(f, first->tokens.refresh_token);
    REQUIRE(outcome(second) == "ok");
    CHECK(outcome(refresh(f, session.tokens.refresh_token)) == "invalid_refresh_token");
    CHECK(outcome(refresh(f, second->tokens.refresh_token)) == "invalid_refresh_token");
  });
}

TEST_CASE("TOK-07: a forged refresh token is refused and revokes nothing") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto session = f.sign_up(who, new_phone());
    const std::string& good = session.tokens.refresh_token;
    // The next generation's name with this one's MAC; another session's id; no MAC at all.
    std::string next = good;
    next[39] = next[39] == '1' ? '2' : '1';
    for (const std::string& forged :
         {altered(good), next, std::string(good.size(), '0'), good.substr(0, 40) + std::string(64, '0'), good + "0",
          good.substr(0, good.size() - 1), std::string("x")}) {
      CHECK(outcome(refresh(f, forged)) == "invalid_refresh_token");
    }
    CHECK(outcome(refresh(f, "")) == "missing_refresh_token");
    CHECK(check(f, core::dialect::discuzq, session.tokens.access_token) == "ok");
    CHECK(outcome(refresh(f, good)) == "ok");
  });
}

TEST_CASE("TOK-09: an unused refresh token ends after 30 days; each use begins them anew") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto session = f.sign_up(who, new_phone());
    f.time.advance_seconds(2'592'000 - 1);
    const auto next = refresh(f, session.tokens.refresh_token);
    REQUIRE(outcome(next) == "ok");
    f.time.advance_seconds(2'592'000 - 1);
    const auto last = refresh(f, next->tokens.refresh_token);
    REQUIRE(outcome(last) == "ok");
    f.time.advance_seconds(2'592'000);
    CHECK(outcome(refresh(f, last->tokens.refresh_token)) == "invalid_refresh_token");
  });
}

TEST_CASE("with RS256 chosen, discuzq's tokens are signed so, and ES256 ones are not taken") {
  set_up rs256;
  rs256.configure = [](service::settings& config) { config.discuzq_rs256 = true; };
  rs256.own_database = true;
  with_services(
      [](fixture& f) {
        const client who(core::dialect::discuzq);
        const std::string token = f.sign_up(who, new_phone()).tokens.access_token;
        CHECK(check(f, core::dialect::discuzq, token) == "ok");
        service::settings config = f.config();
        config.discuzq_rs256 = false;
        const auto es256 = f.new_node(config);
        CHECK(outcome(f.call(es256->sessions().authenticate(who, token))) == "invalid_token");
        CHECK(f.sessions().jwks().find("RS256") != std::string::npos);
      },
      rs256);
}

TEST_CASE("a token of another installation is refused") {
  with_services([](fixture& f) {
    fixture other(store::sql_flavor::sqlite);
    for (const core::dialect dialect : all_dialects) {
      const client who(dialect);
      const service::token_set tokens = other.sign_up(who, new_phone()).tokens;
      CHECK(check(f, dialect, tokens.access_token) == "invalid_token");
    }
  });
}
