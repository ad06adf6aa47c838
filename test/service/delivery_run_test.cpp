// Messages on the delivery thread: which answer leads to which gateway, how long they are tried, who owns them.
#include "service/delivery_run.hpp"

#include "crypto/seal.hpp"
#include "service/ids.hpp"
#include "service/scripted_gateway.hpp"
#include "service/service_fixture.hpp"
#include "store/verification_store.hpp"
#include "support/event_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;
using service::delivery_end;
using sms::rejection;

namespace {

constexpr int pending = 0;
constexpr int handed_over = 1;
constexpr int failed = 2;
constexpr int expired = 3;
constexpr int unknown = 4;

const set_up own{.own_database = true};

sms::outcome refused(rejection why) {
  return sms::outcome::rejected(why, "E");
}

service::delivery_settings quick() {
  service::delivery_settings made;
  made.first_pause_ms = 4;
  made.longest_pause_ms = 8;
  return made;
}

// A dispatcher of its own over two scripted gateways, asked in order.
class delivery {
 public:
  explicit delivery(fixture& f, service::delivery_settings settings = quick(), service::desk_settings desk = {})
      : f_(f),
        routes_(loop_.context(), desks(desk),
                [](const sms::message&) {
                  return std::vector<std::size_t>{0, 1};
                }),
        outbox(f.node().lanes, routes_, f.node().keys.outbox_seal(), f.time, "node under test", settings) {
    thread_ = std::thread([this] { loop_.context().run(); });
  }
  ~delivery() {
    first->release();
    second->release();
    outbox.stop();
    while (outbox.in_delivery() != 0)
      std::this_thread::yield();
    work_.reset();
    thread_.join();
  }
  delivery(const delivery&) = delete;
  delivery& operator=(const delivery&) = delete;

  /// A message as a send leaves it: code and outbox row committed, leased to this node.
  sms::message accepted(const core::phone_number& to, core::dialect where = core::dialect::v4) {
    sms::message what;
    what.id = service::time_ordered_id(f_.time.now());
    what.to = to.e164();
    what.purpose = purpose::login;
    what.dialect = where;
    what.code = "123456";
    what.text = "text";
    what.language = "zh";
    what.created_at = f_.time.now();
    what.deadline = what.created_at + 300'000;
    store::outbox::message_row row;
    row.id = what.id;
    row.phone = what.to;
    row.purpose = "login";
    row.dialect = core::to_string(where);
    row.sealed_body = outbox.sealed_body(what);
    row.created_at = what.created_at;
    row.expires_at = what.deadline;
    f_.change([&](store::transaction& in) -> core::result<void> {
      store::verification::record(in, row.phone, purpose::login, std::string(64, 'a'), row.id, row.created_at,
                                  row.expires_at)
          .get();
      store::outbox::record(in, row, outbox.node(), outbox.lease_until(row.created_at)).get();
      return {};
    });
    return what;
  }
  delivery_end hand_over(const sms::message& what) { return f_.call(outbox.hand_over(what)); }

  /// Waits for a condition that the delivery thread brings about.
  template <class Condition>
  void wait_until(Condition holds) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      REQUIRE(std::chrono::steady_clock::now() < give_up);
      std::this_thread::yield();
    }
  }
  void wait_until_idle() {
    wait_until([this] { return outbox.in_delivery() == 0; });
    // An earlier flush may still be under way on the delivery thread.
    wait_until([this] {
      f_.call(outbox.flush_marks());
      return outbox.unmarked() == 0;
    });
  }
  /// Delivers one message to its end.
  core::phone_number deliver() {
    const auto phone = new_phone();
    hand_over(accepted(phone));
    wait_until_idle();
    return phone;
  }

  long long state(const core::phone_number& phone) { return f_.number_of("state", "outbox", phone); }
  long long attempts(const core::phone_number& phone, const std::string& condition = "1 = 1") {
    return f_.number("SELECT COUNT(*) FROM delivery_attempt a JOIN outbox o ON o.id = a.message_id WHERE o.phone = '" +
                     phone.e164() + "' AND " + condition);
  }

  scripted_gateway* first = nullptr;
  scripted_gateway* second = nullptr;

 private:
  std::vector<std::unique_ptr<service::gateway_desk>> desks(const service::desk_settings& settings) {
    auto one = std::make_unique<scripted_gateway>("one");
    auto two = std::make_unique<scripted_gateway>("two");
    first = one.get();
    second = two.get();
    std::vector<std::unique_ptr<service::gateway_desk>> all;
    all.push_back(std::make_unique<service::gateway_desk>(std::move(one), settings));
    all.push_back(std::make_unique<service::gateway_desk>(std::move(two), settings));
    return all;
  }

  fixture& f_;
  event_loop loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.context().get_executor()};
  std::thread thread_;
  service::delivery_routes routes_;

 public:
  service::dispatcher outbox;
};

}  // namespace

TEST_CASE("the first gateway that accepts has the message: its row is closed, its body erased, the try remembered") {
  with_services(
      [](fixture& f) {
        delivery d(f);
        const auto phone = d.deliver();
        CHECK(d.first->calls().size() == 1);
        CHECK(d.second->calls().empty());
        CHECK(d.state(phone) == handed_over);
        CHECK(f.text("SELECT gateway FROM outbox WHERE phone = '" + phone.e164() + "'") == "one");
        CHECK(f.text("SELECT sealed_body FROM outbox WHERE phone = '" + phone.e164() + "'").empty());
        CHECK(d.attempts(phone) == 1);
        CHECK(d.attempts(phone, "a.gateway = 'one' AND a.outcome = 'accepted'") == 1);
        CHECK(f.text("SELECT provider_id FROM delivery_attempt") == "one-" + d.first->calls()[0].id);
      },
      own);
}

TEST_CASE("failover by class: the next gateway only where the first did nothing and another may do better") {
  struct row {
    sms::outcome answer;
    bool next_asked;
    int state;
  };
  const row table[] = {
      {refused(rejection::auth_config), true, handed_over},
      {refused(rejection::insufficient_funds), true, handed_over},
      {refused(rejection::retry_later), true, handed_over},
      {refused(rejection::content_or_template), true, handed_over},
      {refused(rejection::rate_limited), false, failed},
      {refused(rejection::bad_number), false, failed},
      {refused(rejection::blocked_number), false, failed},
      {refused(rejection::permanent), false, failed},
      {sms::outcome::partial("p", "E"), false, unknown},
      {sms::outcome::unknown(), false, unknown},
  };
  fixture f(store::sql_flavor::sqlite);
  delivery d(f);
  for (const row& each : table) {
    CAPTURE(static_cast<int>(each.answer.what));
    CAPTURE(sms::to_string(each.answer.reason));
    const std::size_t before = d.second->calls().size();
    d.first->answer({each.answer});
    const auto phone = d.deliver();
    CHECK(d.second->calls().size() - before == (each.next_asked ? 1U : 0U));
    CHECK(d.state(phone) == each.state);
    CHECK(d.attempts(phone) == (each.next_asked ? 2 : 1));
    d.first->answer({sms::outcome::accepted("x")});  // closes the circuit again
    d.deliver();
  }
}

TEST_CASE("a message that every gateway refuses for now is tried again, and no oftener than its tries allow") {
  fixture f(store::sql_flavor::sqlite);
  service::desk_settings patient;
  patient.breaker.failures = 0;
  delivery d(f, quick(), patient);
  d.second->answer({refused(rejection::retry_later)});
  d.first->answer({refused(rejection::retry_later), refused(rejection::retry_later), sms::outcome::accepted("x")});
  CHECK(d.state(d.deliver()) == handed_over);
  CHECK(d.first->calls().size() == 3);
  CHECK(d.second->calls().size() == 2);

  d.first->answer({refused(rejection::retry_later)});
  const auto phone = d.deliver();
  CHECK(d.state(phone) == failed);
  CHECK(d.attempts(phone) == 8);
}

TEST_CASE("when no gateway is worth asking again the message has failed at once") {
  fixture f(store::sql_flavor::sqlite);
  delivery d(f);
  d.first->answer({refused(rejection::auth_config)});
  d.second->answer({refused(rejection::content_or_template)});
  CHECK(d.state(d.deliver()) == failed);
  CHECK(d.first->calls().size() == 1);
  CHECK(d.second->calls().size() == 1);
}

TEST_CASE("R-11: after five failures in a row a gateway is not asked, one probe finds out, and its success closes") {
  fixture f(store::sql_flavor::sqlite);
  delivery d(f);
  d.first->answer({refused(rejection::retry_later)});
  for (int i = 0; i < 5; ++i)
    d.deliver();
  CHECK(d.first->calls().size() == 5);
  const auto skipped = d.deliver();
  CHECK(d.first->calls().size() == 5);
  CHECK(d.state(skipped) == handed_over);
  CHECK(d.attempts(skipped, "a.provider_code = 'circuit_open'") == 1);
  f.time.advance_seconds(31);
  d.deliver();  // the probe fails: open again
  d.deliver();
  CHECK(d.first->calls().size() == 6);
  f.time.advance_seconds(31);
  d.first->answer({sms::outcome::accepted("x")});
  d.deliver();
  d.deliver();
  CHECK(d.first->calls().size() == 8);
  CHECK(d.second->calls().size() == 8);
}

TEST_CASE("a gateway has no more calls at once than it may, and every message its turn") {
  fixture f(store::sql_flavor::sqlite);
  service::desk_settings narrow;
  narrow.concurrent = 3;
  delivery d(f, quick(), narrow);
  d.first->hold();
  std::vector<core::phone_number> phones;
  for (int i = 0; i < 20; ++i) {
    phones.push_back(new_phone());
    d.hand_over(d.accepted(phones.back()));
  }
  d.wait_until([&] { return d.first->calls().size() == 3; });
  d.first->release();
  d.wait_until_idle();
  CHECK(d.first->most_at_once() == 3);
  CHECK(d.first->calls().size() + d.second->calls().size() == 20);
  for (const auto& each : phones)
    CHECK(d.state(each) == handed_over);
}

TEST_CASE("a message whose code has expired is closed and never sent") {
  fixture f(store::sql_flavor::sqlite);
  delivery d(f);
  const auto phone = new_phone();
  const auto what = d.accepted(phone);
  f.time.advance_seconds(300);
  d.hand_over(what);
  d.wait_until_idle();
  CHECK(d.state(phone) == expired);
  CHECK(d.first->calls().empty());
}

TEST_CASE("a message whose lease is short is prolonged first; one that is another's by now is left alone") {
  with_services(
      [](fixture& f) {
        delivery d(f);
        d.first->take_at_most(20'000);
        const auto mine = new_phone();
        auto what = d.accepted(mine);
        f.time.advance_seconds(20);
        f.change([&](store::transaction& in) -> core::result<void> {
          CHECK_FALSE(store::outbox::take_over(in, what.id, "another node", f.time.now(), f.time.now() + 30'000));
          return {};
        });
        d.hand_over(what);
        d.wait_until_idle();
        CHECK(d.state(mine) == handed_over);

        const auto taken = new_phone();
        what = d.accepted(taken);
        d.first->take_at_most(60'000);  // longer than any lease: asked for before the first call
        f.time.advance_seconds(31);
        f.change([&](store::transaction& in) -> core::result<void> {
          CHECK(store::outbox::take_over(in, what.id, "another node", f.time.now(), f.time.now() + 30'000));
          return {};
        });
        const std::size_t before = d.first->calls().size();
        d.hand_over(what);
        d.wait_until_idle();
        CHECK(d.first->calls().size() == before);
        CHECK(d.state(taken) == pending);
      },
      own);
}

TEST_CASE("a message whose code was replaced while it waited is closed unsent") {
  fixture f(store::sql_flavor::sqlite);
  delivery d(f);
  d.first->take_at_most(60'000);
  const auto phone = new_phone();
  const auto old = d.accepted(phone);
  f.time.advance_seconds(60);
  const auto fresh = d.accepted(phone);
  d.hand_over(old);
  d.hand_over(fresh);
  d.wait_until_idle();
  REQUIRE(d.first->calls().size() == 1);
  CHECK(d.first->calls()[0].id == fresh.id);
  CHECK(f.number("SELECT state FROM outbox WHERE id = '" + old.id + "'") == expired);
}

TEST_CASE("a discuzq send waits as long as it shall to hear that every route refused; the others never do") {
  fixture f(store::sql_flavor::sqlite);
  service::delivery_settings waiting = quick();
  waiting.wait_ms = 20'000;
  delivery d(f, waiting);
  CHECK(d.hand_over(d.accepted(new_phone(), core::dialect::discuzq)) == delivery_end::sent);
  d.first->answer({refused(rejection::bad_number)});
  CHECK(d.hand_over(d.accepted(new_phone(), core::dialect::discuzq)) == delivery_end::refused);
  d.first->answer({sms::outcome::unknown()});
  CHECK(d.hand_over(d.accepted(new_phone(), core::dialect::discuzq)) == delivery_end::sent);
  d.first->hold();
  CHECK(d.hand_over(d.accepted(new_phone(), core::dialect::v4)) == delivery_end::pending);

  service::delivery_settings impatient = quick();
  impatient.wait_ms = 1;
  delivery other(f, impatient);
  other.first->hold();
  CHECK(other.hand_over(other.accepted(new_phone(), core::dialect::discuzq)) == delivery_end::pending);
}

TEST_CASE("what finds no room in the hands of the delivery thread stays in the outbox until its lease has run out") {
  fixture f(store::sql_flavor::sqlite);
  service::delivery_settings small = quick();
  small.queue = 2;
  delivery d(f, small);
  d.first->hold();
  std::vector<core::phone_number> phones;
  for (int i = 0; i < 4; ++i) {
    phones.push_back(new_phone());
    d.hand_over(d.accepted(phones.back()));
  }
  CHECK(d.outbox.in_delivery() == 2);
  d.first->release();
  d.wait_until_idle();
  CHECK(d.first->calls().size() == 2);
  f.call(d.outbox.sweep());
  CHECK(d.first->calls().size() == 2);  // leased to this node: nobody else's, and not due yet
  f.time.advance_ms(service::dispatcher::lease_ms + 1);
  f.call(d.outbox.sweep());
  d.wait_until_idle();
  CHECK(d.first->calls().size() == 4);
  for (const auto& each : phones)
    CHECK(d.state(each) == handed_over);
}

TEST_CASE("a sweep never takes up what the delivery thread has in hand, however long that takes") {
  fixture f(store::sql_flavor::sqlite);
  delivery d(f);
  d.first->hold();
  const auto phone = new_phone();
  d.hand_over(d.accepted(phone));
  d.wait_until([&] { return d.first->calls().size() == 1; });
  f.time.advance_seconds(120);
  f.call(d.outbox.sweep());
  d.first->release();
  d.wait_until_idle();
  CHECK(d.first->calls().size() == 1);
  CHECK(d.state(phone) == handed_over);
}

TEST_CASE("what a vendor allows a number is known ahead: the call that must fail is not made") {
  fixture f(store::sql_flavor::sqlite);
  service::desk_settings vendor;
  vendor.number_limits = {{1, 60}, {2, 3600}};
  delivery d(f, quick(), vendor);
  const auto phone = new_phone();
  const auto again = [&] {
    d.hand_over(d.accepted(phone));
    d.wait_until_idle();
    return d.first->calls().size();
  };
  CHECK(again() == 1);
  CHECK(again() == 1);
  f.time.advance_seconds(61);
  CHECK(again() == 2);
  f.time.advance_seconds(61);
  CHECK(again() == 2);
  CHECK(d.second->calls().empty());
  CHECK(d.attempts(phone, "a.provider_code = 'number_limit' AND a.rejection = 'rate_limited'") == 2);
  f.time.advance_seconds(3600);
  CHECK(again() == 3);
}

TEST_CASE("a stopping process leaves what waits between two rounds to the next one") {
  fixture f(store::sql_flavor::sqlite);
  service::delivery_settings slow;
  slow.first_pause_ms = 60'000;
  slow.longest_pause_ms = 60'000;
  delivery d(f, slow);
  d.first->answer({refused(rejection::retry_later)});
  d.second->answer({refused(rejection::retry_later)});
  const auto phone = new_phone();
  d.hand_over(d.accepted(phone));
  d.wait_until([&] { return d.second->calls().size() == 1; });
  d.outbox.stop();
  d.wait_until_idle();
  CHECK(d.state(phone) == pending);
  CHECK(f.text("SELECT sealed_body FROM outbox WHERE phone = '" + phone.e164() + "'") != "");
}
