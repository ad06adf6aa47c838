// From the outbox to the gateway: what each answer leads to, who may deliver what and when.
#include "service/dispatcher.hpp"

#include "service/service_fixture.hpp"
#include "store/outbox_store.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;
using mood = memory_gateway::mood;
using service::dispatcher;

namespace {

const set_up own{.own_database = true};

constexpr int pending = 0;
constexpr int handed_over = 1;
constexpr int failed = 2;
constexpr int expired = 3;
constexpr int unknown = 4;

// A message whose row is in the outbox, answered by a gateway of this mood.
core::phone_number send(fixture& f, mood answer) {
  const client who(core::dialect::discuzq);
  const auto phone = new_phone();
  f.gateway.be(answer);
  f.send_code(who, phone, purpose::login);
  f.gateway.be(mood::accepts);
  return phone;
}
long long state_of(const fixture& f, const core::phone_number& phone) {
  return f.number_of("state", "outbox", phone);
}
bool has_body(const fixture& f, const core::phone_number& phone) {
  return f.number("SELECT COUNT(*) FROM outbox WHERE sealed_body <> '' AND phone = '" + phone.e164() + "'") == 1;
}
std::size_t sends_to(const fixture& f, const core::phone_number& phone) {
  return f.gateway.messages_to(phone.e164()).size();
}
void sweep(fixture& f, test_node& at) {
  f.call(at.outbox.sweep());
}
void sweep(fixture& f) {
  sweep(f, f.node());
}

}  // namespace

TEST_CASE("OTP-11: a message handed over is marked, and its body erased, when the send has ended") {
  with_services(
      [](fixture& f) {
        const auto phone = send(f, mood::accepts);
        CHECK(state_of(f, phone) == handed_over);
        CHECK_FALSE(has_body(f, phone));
        CHECK(f.number_of("finished_at", "outbox", phone) == f.time.now());
        CHECK(f.node().outbox.unmarked() == 0);
      },
      own);
}

TEST_CASE("OTP-11: each last answer of the gateway has its own end and erases the body; trouble that passes keeps it") {
  with_services(
      [](fixture& f) {
        struct row {
          mood answer;
          int state;
        };
        for (const row each : {row{mood::accepts, handed_over}, row{mood::refuses, failed},
                               row{mood::says_nothing, unknown}, row{mood::refuses_for_now, pending}}) {
          CAPTURE(each.state);
          const auto phone = send(f, each.answer);
          CHECK(state_of(f, phone) == each.state);
          CHECK(has_body(f, phone) == (each.state == pending));
        }
      },
      own);
}

TEST_CASE("R-11: a message refused for now goes out again when its lease has run out: same id, same code") {
  with_services(
      [](fixture& f) {
        const auto phone = send(f, mood::refuses_for_now);
        sweep(f);
        f.time.advance_ms(dispatcher::lease_ms - 1);
        sweep(f);
        CHECK(sends_to(f, phone) == 1);
        f.time.advance_ms(2);
        sweep(f);
        const auto messages = f.gateway.messages_to(phone.e164());
        REQUIRE(messages.size() == 2);
        CHECK(messages[0].id == messages[1].id);
        CHECK(messages[0].code == messages[1].code);
        CHECK(messages[0].text == messages[1].text);
        CHECK(messages[0].language == messages[1].language);
        CHECK(messages[0].deadline == messages[1].deadline);
        CHECK(messages[1].purpose == purpose::login);
        CHECK(messages[1].dialect == core::dialect::discuzq);
        CHECK(state_of(f, phone) == handed_over);
        CHECK(f.number_of("tries", "outbox", phone) == 1);
        f.time.advance_ms(dispatcher::lease_ms);
        sweep(f);
        CHECK(sends_to(f, phone) == 2);
      },
      own);
}

TEST_CASE(
    "R-11: a gateway in trouble is asked once a lease, until the code has expired; then the message is closed unsent") {
  with_services(
      [](fixture& f) {
        const auto phone = send(f, mood::refuses_for_now);
        f.gateway.be(mood::refuses_for_now);
        for (int i = 1; i <= 9; ++i) {
          f.time.advance_ms(dispatcher::lease_ms);
          sweep(f);
          CHECK(sends_to(f, phone) == static_cast<std::size_t>(i) + 1);
          CHECK(state_of(f, phone) == pending);
        }
        f.gateway.be(mood::accepts);
        f.time.advance_ms(dispatcher::lease_ms);  // 300 s: the code's life is over
        sweep(f);
        CHECK(sends_to(f, phone) == 10);
        CHECK(state_of(f, phone) == expired);
        CHECK_FALSE(has_body(f, phone));
      },
      own);
}

TEST_CASE("R-11: a message of unknown outcome is never sent again") {
  with_services(
      [](fixture& f) {
        const auto phone = send(f, mood::says_nothing);
        for (const std::int64_t seconds : {5, 31, 3'600}) {
          f.time.advance_seconds(seconds);
          sweep(f);
          sweep(f, *f.new_node());
        }
        CHECK(sends_to(f, phone) == 1);
        CHECK(state_of(f, phone) == unknown);
      },
      own);
}

TEST_CASE(
    "R-10: a message that went out but could not be marked is not sent again by this server, and is marked later") {
  fixture f(store::sql_flavor::sqlite);
  f.sql().run("CREATE TRIGGER broken BEFORE UPDATE OF state ON outbox BEGIN SELECT RAISE(ABORT, 'broken'); END");
  const auto phone = send(f, mood::accepts);
  CHECK(state_of(f, phone) == pending);
  CHECK(f.node().outbox.unmarked() == 1);
  f.time.advance_ms(dispatcher::lease_ms + 1);
  sweep(f);
  CHECK(sends_to(f, phone) == 1);
  f.sql().run("DROP TRIGGER broken");
  sweep(f);
  CHECK(sends_to(f, phone) == 1);
  CHECK(state_of(f, phone) == handed_over);
  CHECK(f.node().outbox.unmarked() == 0);
}

TEST_CASE("R-26: another server takes a message over only when the lease of the first has run out") {
  with_services(
      [](fixture& f) {
        const auto second = f.new_node();
        const auto phone = send(f, mood::refuses_for_now);
        CHECK(f.text("SELECT lease_owner FROM outbox WHERE phone = '" + phone.e164() + "'") == f.node().outbox.node());
        sweep(f, *second);
        f.time.advance_ms(dispatcher::lease_ms - 1);
        sweep(f, *second);
        CHECK(sends_to(f, phone) == 1);
        f.time.advance_ms(2);
        sweep(f, *second);
        CHECK(sends_to(f, phone) == 2);
        CHECK(state_of(f, phone) == handed_over);
        CHECK(f.text("SELECT lease_owner FROM outbox WHERE phone = '" + phone.e164() + "'") == second->outbox.node());
      },
      own);
}

TEST_CASE("R-26: servers that sweep at once deliver each abandoned message once") {
  with_services(
      [](fixture& f) {
        std::vector<core::phone_number> phones;
        for (int i = 0; i < 150; ++i)
          phones.push_back(send(f, mood::refuses_for_now));  // more than one page of the sweep
        std::vector<std::unique_ptr<test_node>> nodes;
        for (int i = 0; i < (f.is_sqlite() ? 1 : 3); ++i)
          nodes.push_back(f.new_node());
        f.time.advance_ms(dispatcher::lease_ms);
        const std::size_t before = f.gateway.count();
        const auto swept = [](dispatcher& by) -> runtime::awaitable<bool> {
          co_await by.sweep();
          co_return true;
        };
        std::vector<runtime::awaitable<bool>> sweeps;
        for (const auto& each : nodes)
          sweeps.push_back(swept(each->outbox));
        run_together(std::move(sweeps));
        CHECK(f.gateway.count() - before == phones.size());
        for (const core::phone_number& each : phones)
          CHECK(sends_to(f, each) == 2);
        CHECK(f.number("SELECT COUNT(*) FROM outbox WHERE state = 1") == static_cast<long long>(phones.size()));
      },
      own);
}

TEST_CASE("R-10: after a restart on SQLite the leases of the dead process are void and its messages go out at once") {
  fixture f(store::sql_flavor::sqlite);
  const auto phone = send(f, mood::refuses_for_now);
  const auto restarted = f.new_node();
  sweep(f, *restarted);
  CHECK(sends_to(f, phone) == 1);
  f.change([](store::transaction& in) -> core::result<void> {
    store::outbox::void_leases(in);
    return {};
  });
  const auto next = f.new_node();
  sweep(f, *next);
  CHECK(sends_to(f, phone) == 2);
  CHECK(state_of(f, phone) == handed_over);
}

TEST_CASE("a body that cannot be opened, or belongs to another row, fails and is not sent") {
  with_services(
      [](fixture& f) {
        const auto garbled = send(f, mood::refuses_for_now);
        const auto first = send(f, mood::refuses_for_now);
        const auto second = send(f, mood::refuses_for_now);
        const auto body_of = [&](const core::phone_number& phone) {
          return f.text("SELECT sealed_body FROM outbox WHERE phone = '" + phone.e164() + "'");
        };
        const auto set_body = [&](const core::phone_number& phone, const std::string& body) {
          f.sql().run("UPDATE outbox SET sealed_body = '" + body + "' WHERE phone = '" + phone.e164() + "'");
        };
        const std::string of_first = body_of(first);
        const std::string of_second = body_of(second);
        set_body(garbled, "garbage");
        set_body(first, of_second);
        set_body(second, of_first);
        f.time.advance_ms(dispatcher::lease_ms);
        sweep(f);
        for (const core::phone_number& each : {garbled, first, second}) {
          CHECK(sends_to(f, each) == 1);
          CHECK(state_of(f, each) == failed);
          CHECK_FALSE(has_body(f, each));
        }
      },
      own);
}

TEST_CASE("a sealed body says nothing of what is in it, and two of one message differ") {
  fixture f(store::sql_flavor::sqlite);
  sms::message what;
  what.id = "0123456789abcdef0123456789abcdef";
  what.to = "+8613800138000";
  what.code = "123456";
  what.text = "Planted text";
  what.language = "en";
  const std::string one = f.node().outbox.sealed_body(what);
  CHECK(one.find("123456") == std::string::npos);
  CHECK(one.find("Planted") == std::string::npos);
  CHECK(f.node().outbox.sealed_body(what) != one);
}
