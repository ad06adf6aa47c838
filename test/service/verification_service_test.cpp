// Sending codes: limits, waits, conditions, what is stored and what is told.
#include "service/verification_service.hpp"

#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;
using service::account_condition;

namespace {

core::result<service::send_receipt> send(fixture& f, const client& who, const core::phone_number& phone, purpose why,
                                         account_condition condition = account_condition::any) {
  const service::send_request request(phone, why, condition);
  return f.call(f.verifications().send(who, request));
}

std::size_t sent_to(const fixture& f, const core::phone_number& phone) {
  return f.gateway.messages_to(phone.e164()).size();
}

void limit_addresses(service::settings& config) {
  config.address_limits = true;
}
void answer_uniformly(service::settings& config) {
  config.uniform_answers = true;
}

}  // namespace

TEST_CASE("a send tells its life and gap, and the gateway gets one message for one number") {
  with_services([](fixture& f) {
    for (const core::dialect dialect : all_dialects) {
      const client who(dialect);
      const auto phone = new_phone();
      const auto receipt = send(f, who, phone, purpose::login);
      REQUIRE(outcome(receipt) == "ok");
      const bool slow = dialect == core::dialect::smssend;
      CHECK(receipt->ttl_seconds == (slow ? 180 : 300));
      CHECK(receipt->gap_seconds == (slow ? 120 : 60));
      const auto messages = f.gateway.messages_to(phone.e164());
      REQUIRE(messages.size() == 1);
      const sms::message& message = messages.front();
      CHECK(message.id == receipt->message_id);
      CHECK(message.purpose == purpose::login);
      CHECK(message.dialect == dialect);
      CHECK(message.language == "zh");
      CHECK(message.text.find(message.code) != std::string::npos);
      CHECK(message.created_at == f.time.now());
      CHECK(message.deadline == f.time.now() + receipt->ttl_seconds * core::ms_per_second);
      CHECK(who.event().purpose == "login");
      CHECK(who.event().masked_phone == phone.masked());
    }
  });
}

TEST_CASE("OTP-13: the receipt holds the code only where the echo is allowed") {
  for (const bool echo : {false, true}) {
    fixture f(store::sql_flavor::sqlite, {[echo](service::settings& config) { config.code_echo = echo; }});
    const auto phone = new_phone();
    const auto receipt = send(f, client(core::dialect::smssend), phone, purpose::register_account);
    REQUIRE(outcome(receipt) == "ok");
    CHECK(receipt->echo_code == (echo ? f.last_code(phone) : ""));
  }
}

TEST_CASE("SEND-01: within the gap of a purpose the next send waits for exactly the rest of it") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    CHECK(outcome(send(f, who, phone, purpose::login)) == "ok");
    CHECK(outcome_and_wait(send(f, who, phone, purpose::login)) == "send_too_soon 60");
    f.time.advance_ms(1);
    CHECK(outcome_and_wait(send(f, who, phone, purpose::login)) == "send_too_soon 60");
    f.time.advance_ms(58'999);
    CHECK(outcome_and_wait(send(f, who, phone, purpose::login)) == "send_too_soon 1");
    f.time.advance_ms(999);
    CHECK(outcome_and_wait(send(f, who, phone, purpose::login)) == "send_too_soon 1");
    f.time.advance_ms(1);
    CHECK(outcome(send(f, who, phone, purpose::login)) == "ok");
    CHECK(sent_to(f, phone) == 2);
  });
}

TEST_CASE("SEND-01: the gap is that of the dialect that asks, whoever sent before") {
  with_services([](fixture& f) {
    const auto phone = new_phone();
    const client smssend(core::dialect::smssend);
    CHECK(outcome(send(f, smssend, phone, purpose::register_account)) == "ok");
    CHECK(outcome_and_wait(send(f, smssend, phone, purpose::register_account)) == "send_too_soon 120");
    CHECK(outcome_and_wait(send(f, client(core::dialect::v4), phone, purpose::register_account)) == "send_too_soon 60");
    f.time.advance_seconds(60);
    CHECK(outcome_and_wait(send(f, smssend, phone, purpose::register_account)) == "send_too_soon 60");
    CHECK(outcome(send(f, client(core::dialect::v4), phone, purpose::register_account)) == "ok");
  });
}

TEST_CASE("SEND-01: a send of another purpose does not wait") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    for (const purpose why : {purpose::login, purpose::register_account, purpose::reset_password}) {
      CHECK(outcome(send(f, who, phone, why)) == "ok");
    }
  });
}

TEST_CASE("SEND-02: five sends an hour and ten a day, over all purposes and dialects; the wait is exact") {
  with_services([](fixture& f) {
    const auto phone = new_phone();
    const core::epoch_ms begin = f.time.now();
    std::size_t accepted = 0;
    for (const core::dialect dialect : all_dialects) {
      const client who(dialect);
      for (const purpose why :
           {purpose::login, purpose::register_account, purpose::reset_password, purpose::bind, purpose::verify}) {
        const auto receipt = send(f, who, phone, why);
        if (receipt) {
          ++accepted;
        } else {
          CHECK(outcome_and_wait(receipt) == "send_limited 3600");
        }
      }
    }
    CHECK(accepted == 5);
    CHECK(sent_to(f, phone) == 5);

    const client who(core::dialect::discuzq);
    f.time.set(begin + core::ms_per_hour - 1);
    CHECK(outcome_and_wait(send(f, who, phone, purpose::login)) == "send_limited 1");
    f.time.advance_ms(1);
    for (const purpose why :
         {purpose::login, purpose::register_account, purpose::reset_password, purpose::bind, purpose::verify}) {
      CHECK(outcome(send(f, who, phone, why)) == "ok");
    }
    f.time.advance_hours(1);
    CHECK(outcome_and_wait(send(f, who, phone, purpose::login)) == "send_limited " + std::to_string(22 * 3600));
    f.time.set(begin + core::ms_per_day);
    CHECK(outcome(send(f, who, phone, purpose::login)) == "ok");
    CHECK(sent_to(f, phone) == 11);
  });
}

TEST_CASE("SEND-02: refused sends count for nothing") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    CHECK(outcome(send(f, who, phone, purpose::login)) == "ok");
    const std::string code = f.last_code(phone);
    for (int i = 0; i < 20; ++i)
      CHECK(outcome(send(f, who, phone, purpose::login)) == "send_too_soon");
    CHECK(f.number_of("hour_sends", "phone_quota", phone) == 1);
    const auto request = login_with(phone, code, true);  // nor did they void the code
    CHECK(outcome(f.call(f.accounts().login_by_code(who, request))) == "ok");
  });
}

TEST_CASE("SEND-03: every spelling of a number is one number with one row of counters") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto phone = new_phone();
    const std::string national(phone.national());
    const std::string dashed = national.substr(0, 3) + "-" + national.substr(3, 4) + "-" + national.substr(7);
    const std::string blanks = national.substr(0, 3) + " " + national.substr(3, 4) + " " + national.substr(7);
    std::size_t accepted = 0;
    for (const std::string& spelling :
         {national, "+86" + national, "86" + national, "0086" + national, "+86 " + national, "+86-" + national, dashed,
          blanks, "+86 " + blanks, "0086-" + dashed}) {
      CAPTURE(spelling);
      const auto parsed = core::parse_phone(spelling, 86, {});
      REQUIRE(outcome(parsed) == "ok");
      accepted += send(f, who, *parsed, purpose::register_account) ? 1 : 0;
    }
    CHECK(accepted == 1);
    CHECK(f.number("SELECT COUNT(*) FROM phone_quota WHERE phone LIKE '%" + national + "%'") == 1);
  });
}

TEST_CASE("SEND-04: two numbers in one field are no number") {
  const std::string a = "13800138000";
  const std::string b = "13900139000";
  for (const std::string& both :
       {a + "," + b, a + ";" + b, a + "\n" + b, a + " " + b, "[" + a + "," + b + "]", a + "|" + b, a + "%0a" + b}) {
    CAPTURE(both);
    CHECK(outcome(core::parse_phone(both, 86, {})) == "invalid_phone");
  }
}

TEST_CASE("thirty sends an hour per client address, over all numbers; the wait is to the end of the hour") {
  with_services(
      [](fixture& f) {
        const client crowd(core::dialect::discuzq, "203.0.113.1");
        for (int i = 0; i < 30; ++i)
          CHECK(outcome(send(f, crowd, new_phone(), purpose::login)) == "ok");
        const std::int64_t left =
            core::seconds_until(f.time.now() - f.time.now() % core::ms_per_hour + core::ms_per_hour, f.time.now());
        const auto refused = new_phone();
        CHECK(outcome_and_wait(send(f, crowd, refused, purpose::login)) == "send_limited " + std::to_string(left));
        CHECK(sent_to(f, refused) == 0);
        CHECK(f.number_of("COUNT(*)", "phone_quota", refused) == 0);
        CHECK(outcome(send(f, client(core::dialect::discuzq, "203.0.113.2"), new_phone(), purpose::login)) == "ok");
        f.time.advance_seconds(left);
        CHECK(outcome(send(f, crowd, new_phone(), purpose::login)) == "ok");
      },
      {limit_addresses});
}

TEST_CASE("two hundred sends a day per client address") {
  fixture f(store::sql_flavor::sqlite, {limit_addresses});
  const client crowd(core::dialect::discuzq, "203.0.113.9");
  f.time.set(f.time.now() - f.time.now() % core::ms_per_day);
  for (int hour = 0; hour < 6; ++hour) {
    for (int i = 0; i < 30; ++i)
      CHECK(outcome(send(f, crowd, new_phone(), purpose::login)) == "ok");
    f.time.advance_hours(1);
  }
  for (int i = 0; i < 20; ++i)
    CHECK(outcome(send(f, crowd, new_phone(), purpose::login)) == "ok");
  CHECK(outcome_and_wait(send(f, crowd, new_phone(), purpose::login)) == "send_limited " + std::to_string(18 * 3600));
}

TEST_CASE("a send refused for its number gives the client address its try back") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::discuzq, "203.0.113.3");
        const auto phone = new_phone();
        CHECK(outcome(send(f, who, phone, purpose::login)) == "ok");
        for (int i = 0; i < 100; ++i)
          CHECK(outcome(send(f, who, phone, purpose::login)) == "send_too_soon");
        for (int i = 0; i < 29; ++i)
          CHECK(outcome(send(f, who, new_phone(), purpose::login)) == "ok");
        CHECK(outcome(send(f, who, new_phone(), purpose::login)) == "send_limited");
      },
      {limit_addresses});
}

TEST_CASE("SEND-10: whoever asks by sending who is registered pays a send of the client address for each answer") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::v4, "203.0.113.30");
        for (int i = 0; i < 30; ++i) {
          CHECK(outcome(send(f, who, new_phone(), purpose::reset_password, account_condition::must_exist)) ==
                "not_registered");
        }
        CHECK(outcome(send(f, who, new_phone(), purpose::reset_password, account_condition::must_exist)) ==
              "send_limited");
      },
      {limit_addresses});
}

TEST_CASE(
    "a condition on the account is answered truthfully in the standard profile, and the number's limits are not "
    "touched") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto known = new_phone();
    const auto unknown = new_phone();
    f.sign_up(who, known);
    CHECK(outcome(send(f, who, known, purpose::reset_password, account_condition::must_exist)) == "ok");
    CHECK(outcome(send(f, who, unknown, purpose::register_account, account_condition::must_not_exist)) == "ok");
    CHECK(outcome(send(f, who, known, purpose::register_account, account_condition::must_not_exist)) ==
          "already_registered");
    CHECK(outcome(send(f, who, unknown, purpose::reset_password, account_condition::must_exist)) == "not_registered");
    CHECK(f.number_of("sent_register", "phone_quota", known) == 0);
    CHECK(f.number_of("sent_reset_password", "phone_quota", unknown) == 0);
  });
}

TEST_CASE("SEND-10: in the strict profile a failed condition looks like a send, but nothing goes out") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::v4);
        const auto known = new_phone();
        const auto unknown = new_phone();
        f.sign_up(who, known);
        const std::size_t before = f.gateway.count();
        struct row {
          const core::phone_number& phone;
          purpose why;
          account_condition condition;
          bool goes_out;
        };
        for (const row& each : {row{known, purpose::register_account, account_condition::must_not_exist, false},
                                row{unknown, purpose::register_account, account_condition::must_not_exist, true},
                                row{known, purpose::reset_password, account_condition::must_exist, true},
                                row{unknown, purpose::reset_password, account_condition::must_exist, false}}) {
          const std::size_t count = sent_to(f, each.phone);
          const auto receipt = send(f, who, each.phone, each.why, each.condition);
          REQUIRE(outcome(receipt) == "ok");
          CHECK(receipt->message_id.size() == 32);
          CHECK(receipt->ttl_seconds == 300);
          CHECK(receipt->gap_seconds == 60);
          CHECK(receipt->echo_code.empty());
          CHECK(sent_to(f, each.phone) - count == (each.goes_out ? 1 : 0));
          // The second one waits alike.
          CHECK(outcome_and_wait(send(f, who, each.phone, each.why, each.condition)) == "send_too_soon 60");
        }
        CHECK(f.gateway.count() == before + 2);
      },
      {answer_uniformly});
}

TEST_CASE("is_registered is truthful and limited per address in the standard profile") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::v4, "203.0.113.4");
        const auto known = new_phone();
        f.sign_up(client(core::dialect::v4, "203.0.113.5"), known);
        CHECK(f.call(f.verifications().is_registered(who, known)).value());
        CHECK_FALSE(f.call(f.verifications().is_registered(who, new_phone())).value());
        for (int i = 0; i < 58; ++i)
          CHECK(outcome(f.call(f.verifications().is_registered(who, known))) == "ok");
        const auto refused = f.call(f.verifications().is_registered(who, known));
        const std::int64_t left =
            core::seconds_until(f.time.now() - f.time.now() % core::ms_per_hour + core::ms_per_hour, f.time.now());
        CHECK(outcome_and_wait(refused) == "lookup_limited " + std::to_string(left));
        CHECK(outcome(send(f, who, new_phone(), purpose::login)) == "ok");  // counted apart from sends
      },
      {limit_addresses});
}

TEST_CASE("is_registered says no to everything in the strict profile") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::v4);
        const auto known = new_phone();
        f.sign_up(who, known);
        for (int i = 0; i < 100; ++i)
          CHECK_FALSE(f.call(f.verifications().is_registered(who, known)).value());
      },
      {answer_uniformly});
}

TEST_CASE("OTP-11: the database never holds a code or a message in clear, and no body after the hand-over") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::discuzq);
        for (int i = 0; i < 200; ++i)
          f.send_code(who, new_phone(), core::all_purposes[static_cast<std::size_t>(i) % 7]);
        f.gateway.be(memory_gateway::mood::refuses_for_now);  // these stay in the outbox with their bodies
        for (int i = 0; i < 20; ++i)
          f.send_code(who, new_phone(), purpose::login);
        CHECK(f.number("SELECT COUNT(*) FROM outbox WHERE sealed_body <> '' AND state <> 0") == 0);
        CHECK(f.number("SELECT COUNT(*) FROM outbox WHERE sealed_body <> ''") == 20);

        // Every text the tables hold; ids and MACs are hex, so a code inside a longer word is chance.
        outside_session sql = f.sql();
        std::vector<std::string> values;
        for (const char* query :
             {"SELECT mac FROM verification", "SELECT phone FROM verification", "SELECT sealed_body FROM outbox",
              "SELECT id FROM outbox", "SELECT lease_owner FROM outbox", "SELECT request_id FROM phone_quota"}) {
          for (std::string& value : sql.texts(query))
            values.push_back(std::move(value));
        }
        const std::regex word("[0-9A-Za-z]+");
        std::set<std::string> words;
        for (const std::string& value : values) {
          CHECK(value.find(f.node().texts.signature) == std::string::npos);
          words.insert(std::sregex_token_iterator(value.begin(), value.end(), word), std::sregex_token_iterator());
        }
        for (const sms::message& each : f.gateway.messages())
          CHECK(words.count(each.code) == 0);

        if (!f.is_sqlite()) return;
        const std::string bytes = content_of(f.where().path) + content_of(f.where().path + "-wal");
        CHECK(bytes.find(f.gateway.messages().front().to) != std::string::npos);  // the search finds what is there
        CHECK(bytes.find("Planted") == std::string::npos);
      },
      {.own_database = true});
}

TEST_CASE("a send in trouble that passes is accepted, since the outbox has it; one that nobody will send is not") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto send_while = [&](memory_gateway::mood mood) {
      f.gateway.be(mood);
      const auto phone = new_phone();
      const std::string told = outcome(send(f, who, phone, purpose::login));
      CHECK(f.number_of("COUNT(*)", "outbox", phone) == 1);
      return told;
    };
    CHECK(send_while(memory_gateway::mood::refuses_for_now) == "ok");
    CHECK(send_while(memory_gateway::mood::says_nothing) == "ok");
    CHECK(send_while(memory_gateway::mood::refuses) == "gateway_failed");
  });
}
