// What runs beside the requests.
#include "service/maintenance.hpp"

#include "service/service_fixture.hpp"
#include "store/counter_store.hpp"
#include "support/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <exception>
#include <string>
#include <thread>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;
using service::address_action;

namespace {

set_up limited() {
  set_up made;
  made.configure = [](service::settings& config) { config.address_limits = true; };
  made.own_database = true;
  return made;
}

void charge(fixture& f, test_node& at, int count) {
  for (int i = 0; i < count; ++i)
    REQUIRE(outcome(at.addresses.charge("192.0.2.1", address_action::send, f.time.now())) == "ok");
}
long long hits(const fixture& f) {
  return f.number("SELECT COALESCE(SUM(hits), 0) FROM address_counter WHERE window_ms = 3600000");
}

}  // namespace

TEST_CASE("two servers count one address together after a flush of each") {
  with_services(
      [](fixture& f) {
        const auto second = f.new_node();
        charge(f, f.node(), 20);
        f.call(f.node().maintenance.flush_counters());
        charge(f, *second, 1);
        f.call(second->maintenance.flush_counters());
        CHECK(hits(f) == 21);
        charge(f, *second, 9);
        CHECK(outcome(second->addresses.charge("192.0.2.1", address_action::send, f.time.now())) == "send_limited");
        f.call(second->maintenance.flush_counters());
        charge(f, f.node(), 1);
        f.call(f.node().maintenance.flush_counters());  // learns of the ten: over the limit already
        CHECK(outcome(f.node().addresses.charge("192.0.2.1", address_action::send, f.time.now())) == "send_limited");
      },
      limited());
}

TEST_CASE("R-20: a restarted server counts on from what the one before has flushed") {
  with_services(
      [](fixture& f) {
        {
          const auto first = f.new_node();
          charge(f, *first, 29);
          f.call(first->maintenance.flush_counters());
        }
        const auto next = f.new_node();
        charge(f, *next, 1);
        f.call(next->maintenance.flush_counters());
        CHECK(outcome(next->addresses.charge("192.0.2.1", address_action::send, f.time.now())) == "send_limited");
      },
      limited());
}

TEST_CASE("counters that could not be written are written by the next flush") {
  fixture f(store::sql_flavor::sqlite, limited());
  charge(f, f.node(), 5);
  f.sql().run("CREATE TRIGGER broken BEFORE INSERT ON address_counter BEGIN SELECT RAISE(ABORT, 'broken'); END");
  f.call(f.node().maintenance.flush_counters());
  f.sql().run("DROP TRIGGER broken");
  CHECK(hits(f) == 0);
  charge(f, f.node(), 2);
  f.call(f.node().maintenance.flush_counters());
  CHECK(hits(f) == 7);
}

TEST_CASE("a refund after the flush takes the hit out of the database too") {
  with_services(
      [](fixture& f) {
        charge(f, f.node(), 3);
        f.call(f.node().maintenance.flush_counters());
        f.node().addresses.refund("192.0.2.1", address_action::send, f.time.now());
        f.call(f.node().maintenance.flush_counters());
        CHECK(hits(f) == 2);
      },
      limited());
}

TEST_CASE("the purge takes what can never matter again, and nothing that still limits or opens anything") {
  set_up own;
  own.own_database = true;
  with_services(
      [](fixture& f) {
        const client who(core::dialect::v4);
        const client discuzq(core::dialect::discuzq);
        const auto phone = new_phone();
        const auto session = f.sign_up(discuzq, phone);
        const auto locked = new_phone();
        const std::string code = f.send_code(who, locked, purpose::login);
        const auto guess = login_with(locked, "000000");
        for (int i = 0; i < 10; ++i)
          f.call(f.accounts().login_by_code(who, guess));
        const auto login = [&](const core::phone_number& by) {
          const auto request = login_with(by, "000000");
          return outcome(f.call(f.accounts().login_by_code(who, request)));
        };
        const auto purge = [&] {
          for (int i = 0; i < 3; ++i)
            f.call(f.node().maintenance.purge());  // the cursors go round
        };

        f.time.advance_ms(core::ms_per_day - 1);
        purge();
        CHECK(login(locked) == "phone_locked");
        CHECK(outcome(f.call(f.sessions().authenticate(discuzq, session.tokens.access_token))) == "ok");
        CHECK(f.number("SELECT COUNT(*) FROM outbox") == 2);

        f.gateway.be(memory_gateway::mood::refuses_for_now);
        f.send_code(who, new_phone(), purpose::login);  // stays pending: never purged
        f.time.advance_hours(8 * 24);
        purge();
        CHECK(f.number("SELECT COUNT(*) FROM outbox WHERE state <> 0") == 0);
        CHECK(f.number("SELECT COUNT(*) FROM outbox WHERE state = 0") == 1);
        CHECK(f.number("SELECT COUNT(*) FROM phone_quota") == 0);
        CHECK(f.number("SELECT COUNT(*) FROM verification") == 0);
        CHECK(outcome(f.call(f.sessions().authenticate(discuzq, session.tokens.access_token))) == "ok");

        f.time.advance_hours(32 * 24);
        purge();
        CHECK(f.number("SELECT COUNT(*) FROM session") == 0);
        CHECK(f.number("SELECT COUNT(*) FROM account") == 1);
        CHECK(f.number("SELECT COUNT(*) FROM identity") == 1);
      },
      own);
}

TEST_CASE("maintenance runs until it is stopped, and its last round writes what is left") {
  with_services(
      [](fixture& f) {
        CHECK(f.node().maintenance.idle());
        event_loop loop;
        boost::asio::io_context& context = loop.context();
        std::exception_ptr thrown;
        boost::asio::co_spawn(context, f.node().maintenance.run(), [&](std::exception_ptr error) { thrown = error; });
        std::thread thread([&] { context.run(); });
        while (f.node().maintenance.idle())
          std::this_thread::yield();
        charge(f, f.node(), 4);
        f.node().maintenance.stop();
        thread.join();
        CHECK_FALSE(thrown);
        CHECK(f.node().maintenance.idle());
        CHECK(hits(f) == 4);
      },
      limited());
}
