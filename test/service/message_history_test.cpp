// "Where is my code?": what is told of a message, and in which order.
#include "service/message_history.hpp"

#include "service/delivery_summary.hpp"
#include "service/ids.hpp"
#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

service::phone_history history(fixture& f, const core::phone_number& phone) {
  service::phone_history found;
  f.change([&](store::transaction& in) -> core::result<void> {
    found = service::load_history(in, phone.e164());
    return {};
  });
  return found;
}

std::string words(const std::vector<service::timeline_event>& events) {
  std::string all;
  for (const auto& each : events)
    all.append(all.empty() ? "" : " ").append(each.what);
  return all;
}

std::string fact(const service::timeline_event& of, std::string_view name) {
  for (const auto& [key, value] : of.facts) {
    if (key == name) return value;
  }
  return "-";
}

void note_try(fixture& f, const std::string& message, core::epoch_ms at, const std::string& gateway,
              const std::string& outcome, const std::string& provider_id) {
  store::deliveries::attempt one;
  one.message_id = message;
  one.started_at = at;
  one.gateway = gateway;
  one.outcome = outcome;
  one.provider_id = provider_id;
  one.parts = 2;
  one.took_ms = 40;
  f.change([&](store::transaction& in) -> core::result<void> {
    store::deliveries::record_attempts(in, std::span(&one, 1));
    return {};
  });
}

void note_receipt(fixture& f, const std::string& gateway, const std::string& id, std::int64_t state,
                  core::epoch_ms at) {
  f.change([&](store::transaction& in) -> core::result<void> {
    store::deliveries::record_receipt(in, gateway, id, {state, "E1", 0, at});
    return {};
  });
}

}  // namespace

TEST_CASE("a message's life from asking to use, with every try and what the provider told later") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq, "192.0.2.77");
    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::login);
    const core::epoch_ms begun = f.time.now();
    const std::string id = f.gateway.messages_to(phone.e164()).front().id;
    note_try(f, id, begun + 1, "ali", "rejected", "");
    note_try(f, id, begun + 50, "tx", "accepted", "p-" + id);
    note_receipt(f, "tx", "p-" + id, 2, begun + 900);
    f.time.advance_ms(5'000);
    const auto login = login_with(phone, code, true);
    REQUIRE(outcome(f.call(f.accounts().login_by_code(who, login))) == "ok");

    const auto found = history(f, phone);
    REQUIRE(found.messages.size() == 1);
    const auto events = service::timeline_of(found.messages.front(), f.time.now());
    CHECK(words(events) == "asked handed_over tried tried receipt code_used");
    CHECK(fact(events[0], "address") == "192.0.2.77");
    CHECK(fact(events[0], "dialect") == "discuzq");
    CHECK(fact(events[2], "outcome") == "rejected");
    CHECK(fact(events[3], "provider_id") == "p-" + id);
    CHECK(fact(events[4], "state") == "delivered");
    CHECK(events[5].at == f.time.now());
    for (const auto& event : events) {
      for (const auto& [name, value] : event.facts) {
        CHECK(value.find(code) == std::string::npos);
        CHECK(value.find(std::string(phone.national())) == std::string::npos);
      }
    }
  });
}

TEST_CASE("a code that nobody used has expired, and refused sends stand beside the messages") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4, "192.0.2.78");
    const auto phone = new_phone();
    f.send_code(who, phone, purpose::login);
    const service::send_request again(phone, purpose::login);
    CHECK(outcome(f.call(f.verifications().send(who, again))) == "send_too_soon");
    CHECK(outcome(f.call(f.verifications().send(who, again))) == "send_too_soon");
    f.call(f.node().refused.flush());
    const auto found = history(f, phone);
    REQUIRE(found.messages.size() == 1);
    CHECK(words(service::timeline_of(found.messages.front(), f.time.now())) == "asked handed_over");
    const core::epoch_ms end = found.messages.front().message.expires_at;
    CHECK(words(service::timeline_of(found.messages.front(), end)) == "asked handed_over code_expired");
    REQUIRE(found.refusals.size() == 1);
    CHECK(found.refusals.front().reason == "send_too_soon");
    CHECK(found.refusals.front().hits == 2);
    CHECK(history(f, new_phone()).messages.empty());
  });
}

TEST_CASE("a summary counts by hour, gateway, country and dialect, and prices what was accepted") {
  with_services(
      [](fixture& f) {
        const std::map<std::string, std::string> lines{{"CN", "0.045 CNY"}};
        const sms::price_list prices(lines);
        const client discuzq(core::dialect::discuzq);
        const client v4(core::dialect::v4);
        const core::epoch_ms begun = f.time.now();
        std::vector<std::string> ids;
        for (int i = 0; i < 5; ++i) {
          const auto phone = new_phone();
          const std::string code = f.send_code(i < 3 ? discuzq : v4, phone, purpose::login);
          ids.push_back(f.gateway.messages_to(phone.e164()).front().id);
          if (i == 0) {
            const auto login = login_with(phone, code, true);
            REQUIRE(outcome(f.call(f.accounts().login_by_code(discuzq, login))) == "ok");
          }
        }
        f.gateway.be(memory_gateway::mood::refuses);
        f.send_code(v4, new_phone(), purpose::login);
        note_try(f, ids[0], begun + 1, "memory", "accepted", "s0" + ids[0]);
        note_receipt(f, "memory", "s0" + ids[0], 2, begun + 700);
        note_try(f, ids[1], begun + 2, "memory", "accepted", "s1" + ids[1]);
        note_receipt(f, "memory", "s1" + ids[1], 3, begun + 700);

        service::delivery_summary sum(prices);
        std::string from = service::id_floor(begun - 1);
        const std::string below = service::id_floor(f.time.now() + 1);
        while (!from.empty()) {
          f.change([&](store::transaction& in) -> core::result<void> {
            from = service::summarize_chunk(in, sum, from, below);
            return {};
          });
        }
        service::summary_key key;
        key.hour = begun - begun % core::ms_per_hour;
        key.gateway = "memory";
        key.country = "CN";
        key.dialect = "discuzq";
        const service::summary_row& first = sum.rows().at(key);
        CHECK(first.messages == 3);
        CHECK(first.accepted == 3);
        CHECK(first.delivered == 1);
        CHECK(first.failed == 1);
        CHECK(first.verified == 1);
        CHECK(first.parts == 2 + 2 + 1);
        CHECK(first.cost_micros == 5 * 45'000);
        CHECK(first.calls == 2);
        CHECK(first.calls_ms == 80);
        CHECK(first.delivery_ms == 700);
        key.dialect = "v4";
        const service::summary_row& second = sum.rows().at(key);
        CHECK(second.messages == 3);
        CHECK(second.accepted == 2);
        CHECK(second.failed == 1);
      },
      {.own_database = true});
}
