// LOG-01, OTP-13: whatever happens, no code, password, token, key or full number is in the log.
#include "service/service_fixture.hpp"
#include "sms/temporary_directory.hpp"
#include "telemetry/log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

// The log of what happens in its life.
class recorded_log {
 public:
  explicit recorded_log(telemetry::log_format format) {
    telemetry::log_settings settings;
    settings.level = telemetry::log_level::debug;
    settings.format = format;
    settings.file = (directory_ / "test.log").string();
    telemetry::start_log(settings);
  }
  ~recorded_log() { telemetry::stop_log(); }
  recorded_log(const recorded_log&) = delete;
  recorded_log& operator=(const recorded_log&) = delete;

  std::string finish() {
    telemetry::stop_log();
    return content_of(directory_ / "test.log");
  }

 private:
  temporary_directory directory_;
};

// Long secrets are looked for anywhere; a code or pay password as a word of its own, since ids and times are full of
// digits.
struct secrets {
  std::vector<std::string> anywhere;
  std::vector<std::string> words;
};

void expect_absent(const std::string& log, const secrets& hidden) {
  for (const std::string& each : hidden.anywhere) {
    CAPTURE(each);
    CHECK(each.size() >= 8);
    CHECK(log.find(each) == std::string::npos);
  }
  const std::regex word("[0-9A-Za-z]+");
  const std::set<std::string> words(std::sregex_token_iterator(log.begin(), log.end(), word),
                                    std::sregex_token_iterator());
  CHECK(words.size() > 50);
  for (const std::string& each : hidden.words) {
    CAPTURE(each);
    CHECK(words.count(each) == 0);
  }
}

void hide(secrets& hidden, const service::token_set& tokens) {
  hidden.anywhere.push_back(tokens.access_token);
  if (!tokens.refresh_token.empty()) hidden.anywhere.push_back(tokens.refresh_token);
}

// Every flow, its failures, and failures of gateway and database; each ends with its request's line, as the server
// writes it.
secrets run_script(fixture& f) {
  secrets hidden;
  const std::vector<std::string> passwords{"Planted-pass-1", "Planted-pass-2", "Planted-wrong"};
  hidden.anywhere = passwords;
  hidden.words = {"246802", "135791", "987654"};
  for (const core::dialect dialect : all_dialects) {
    const client who(dialect);
    const auto log_request = [&] { telemetry::log(who.event()); };
    const auto phone = new_phone();
    hidden.anywhere.push_back(phone.e164());
    hidden.anywhere.emplace_back(phone.national());

    const std::string code = f.send_code(who, phone, purpose::register_account);
    log_request();
    auto registration = registration_with(phone, "987654", passwords[0]);
    f.call(f.accounts().register_account(who, registration));
    log_request();
    registration.code = code;
    registration.pay_password = "246802";
    const auto made = f.call(f.accounts().register_account(who, registration));
    REQUIRE(outcome(made) == "ok");
    hide(hidden, made->tokens);
    log_request();
    f.password_login(who, phone, passwords[2]);
    log_request();
    const auto session = f.password_login(who, phone, passwords[0]);
    REQUIRE(outcome(session) == "ok");
    hide(hidden, session->tokens);
    const auto owner = f.proved(who, session->tokens);
    f.call(f.accounts().check_pay_password(owner, "135791"));
    f.call(f.accounts().check_pay_password(owner, "246802"));

    const std::string reset_code = f.send_code(who, phone, purpose::reset_password);
    const auto grant = f.call(f.accounts().prove_for_reset(who, phone, reset_code, "device"));
    REQUIRE(outcome(grant) == "ok");
    hidden.anywhere.push_back(*grant);
    service::reset_proof proof;
    proof.reset_token = *grant;
    REQUIRE(outcome(f.call(f.accounts().reset_password(who, phone, proof, passwords[1]))) == "ok");
    log_request();
    f.call(f.sessions().authenticate(who, session->tokens.access_token));
    f.call(f.sessions().refresh(who, session->tokens.refresh_token));

    const auto unknown = new_phone();
    hidden.anywhere.push_back(unknown.e164());
    const std::string login_code = f.send_code(who, unknown, purpose::login);
    auto login = login_with(unknown, login_code);
    login.want_bind_token = true;
    const auto unbound = f.call(f.accounts().login_by_code(who, login));
    REQUIRE(outcome(unbound) == "ok");
    hidden.anywhere.push_back(unbound->bind_token);
    log_request();
  }

  // Trouble: the gateway refuses, a body cannot be read, the database fails in the middle of statements full of
  // secrets.
  const client who(core::dialect::discuzq);
  for (const auto mood :
       {memory_gateway::mood::refuses, memory_gateway::mood::says_nothing, memory_gateway::mood::refuses_for_now}) {
    f.gateway.be(mood);
    const auto phone = new_phone();
    hidden.anywhere.push_back(phone.e164());
    f.send_code(who, phone, purpose::login);
    telemetry::log(who.event());
  }
  f.gateway.be(memory_gateway::mood::accepts);
  const auto phone = new_phone();
  hidden.anywhere.push_back(phone.e164());
  const std::string code = f.send_code(who, phone, purpose::login);
  if (f.is_sqlite()) {
    f.sql().run(
        "CREATE TRIGGER broken_code BEFORE UPDATE ON verification BEGIN SELECT RAISE(ABORT, 'Planted-trigger'); END");
    f.sql().run(
        "CREATE TRIGGER broken_failure BEFORE INSERT ON login_failure BEGIN SELECT RAISE(ABORT, 'Planted-trigger'); "
        "END");
  } else {
    f.sql().run("RENAME TABLE verification TO hidden_verification, login_failure TO hidden_login_failure");
  }
  const auto login = login_with(phone, code, true);
  CHECK(outcome(f.call(f.accounts().login_by_code(who, login))) == "internal");
  telemetry::log(who.event());
  CHECK(outcome(f.password_login(who, phone, passwords[0])) == "internal");
  telemetry::log(who.event());
  hidden.anywhere.emplace_back("Planted-trigger");
  if (!f.is_sqlite())
    f.sql().run("RENAME TABLE hidden_verification TO verification, hidden_login_failure TO login_failure");

  for (const sms::message& each : f.gateway.messages())
    hidden.words.push_back(each.code);
  hidden.anywhere.push_back(f.node().texts.signature);
  hidden.anywhere.emplace_back(test_master_key);
  const auto keys = f.node().keys.tokens();
  for (const auto& each : keys->entries)
    hidden.anywhere.push_back(each.key->export_private());
  if (!f.is_sqlite()) hidden.anywhere.push_back(f.where().password);
  return hidden;
}

}  // namespace

TEST_CASE("LOG-01, OTP-13: codes, passwords, tokens, keys and full numbers are in no line of the log") {
  set_up own;
  own.own_database = true;
  with_services(
      [](fixture& f) {
        for (const auto format : {telemetry::log_format::json, telemetry::log_format::text}) {
          recorded_log log(format);
          const secrets hidden = run_script(f);
          if (f.is_sqlite()) {
            f.sql().run("DROP TRIGGER broken_code");
            f.sql().run("DROP TRIGGER broken_failure");
          }
          const std::string text = log.finish();
          CHECK(std::count(text.begin(), text.end(), '\n') > 30);
          CHECK(text.find("****") != std::string::npos);                  // masked numbers are there
          CHECK(text.find("verification.consume") != std::string::npos);  // and which statement failed
          CHECK(text.find("rejected") != std::string::npos);
          expect_absent(text, hidden);
        }
      },
      own);
}
