// Counters per client address: windows, refunds, and what the flush is told.
#include "service/address_limiter.hpp"

#include "service/service_fixture.hpp"
#include "service/test_clock.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;
using namespace smsauth::test;
using service::address_action;
using service::address_limiter;

namespace {

core::code_limits limits_of(std::int64_t sends_per_hour, std::int64_t sends_per_day, std::int64_t lookups_per_hour) {
  core::code_limits limits;
  limits.address_sends_per_hour = sends_per_hour;
  limits.address_sends_per_day = sends_per_day;
  limits.address_lookups_per_hour = lookups_per_hour;
  return limits;
}

constexpr core::epoch_ms midnight = test_clock::start - test_clock::start % core::ms_per_day;

std::int64_t sum_of(const address_limiter::work& todo) {
  std::int64_t sum = 0;
  for (const auto& each : todo.changed)
    sum += each.hits;
  return sum;
}

}  // namespace

TEST_CASE("windows are whole hours and days of server time, and the wait is to their end") {
  const auto limits = limits_of(2, 3, 0);
  address_limiter limiter(limits, "node");
  const auto charge = [&](core::epoch_ms now) {
    return outcome_and_wait(limiter.charge("192.0.2.1", address_action::send, now));
  };
  CHECK(charge(midnight + core::ms_per_hour - 1) == "ok");
  CHECK(charge(midnight + core::ms_per_hour - 1) == "ok");
  CHECK(charge(midnight + core::ms_per_hour - 1) == "send_limited 1");
  CHECK(charge(midnight + core::ms_per_hour) == "ok");
  CHECK(charge(midnight + core::ms_per_hour) == "send_limited " + std::to_string(23 * 3'600));
  CHECK(charge(midnight + core::ms_per_day - 1) == "send_limited 1");
  CHECK(charge(midnight + core::ms_per_day) == "ok");
}

TEST_CASE("addresses and actions are counted apart, and a limit of 0 is none") {
  const auto limits = limits_of(1, 0, 1);
  address_limiter limiter(limits, "node");
  const auto charge = [&](const char* address, address_action action) {
    return outcome(limiter.charge(address, action, midnight));
  };
  CHECK(charge("192.0.2.1", address_action::send) == "ok");
  CHECK(charge("192.0.2.1", address_action::send) == "send_limited");
  CHECK(charge("192.0.2.1", address_action::lookup) == "ok");
  CHECK(charge("192.0.2.1", address_action::lookup) == "lookup_limited");
  CHECK(charge("192.0.2.10", address_action::send) == "ok");
  CHECK(charge("2001:db8::/64", address_action::send) == "ok");
  const auto none = limits_of(0, 0, 0);
  address_limiter free_of_limits(none, "node");
  for (int i = 0; i < 1'000; ++i)
    CHECK(outcome(free_of_limits.charge("192.0.2.1", address_action::send, midnight)) == "ok");
  CHECK(free_of_limits.take_work(midnight).empty());
}

TEST_CASE("a refund takes one back, never below none") {
  const auto limits = limits_of(1, 0, 0);
  address_limiter limiter(limits, "node");
  limiter.refund("192.0.2.1", address_action::send, midnight);
  for (int i = 0; i < 5; ++i) {
    CHECK(outcome(limiter.charge("192.0.2.1", address_action::send, midnight)) == "ok");
    CHECK(outcome(limiter.charge("192.0.2.1", address_action::send, midnight)) == "send_limited");
    limiter.refund("192.0.2.1", address_action::send, midnight);
  }
  CHECK(sum_of(limiter.take_work(midnight)) == 0);
}

TEST_CASE("the flush gets each hit once; what failed comes again; a refund after it is subtracted") {
  const auto limits = limits_of(10, 0, 0);
  address_limiter limiter(limits, "node");
  for (int i = 0; i < 3; ++i)
    REQUIRE(limiter.charge("192.0.2.1", address_action::send, midnight).has_value());
  const auto first = limiter.take_work(midnight);
  REQUIRE(first.changed.size() == 1);
  CHECK(first.changed[0].address == "192.0.2.1");
  CHECK(first.changed[0].action == "send");
  CHECK(first.changed[0].window_ms == core::ms_per_hour);
  CHECK(first.changed[0].started_at == midnight);
  CHECK(first.changed[0].hits == 3);
  CHECK(limiter.take_work(midnight).empty());
  limiter.give_back(first);
  CHECK(sum_of(limiter.take_work(midnight)) == 3);
  limiter.refund("192.0.2.1", address_action::send, midnight);
  CHECK(sum_of(limiter.take_work(midnight)) == -1);
}

TEST_CASE("work is cut into parts without losing any") {
  const auto limits = limits_of(10, 0, 0);
  address_limiter limiter(limits, "node");
  for (int i = 0; i < 100; ++i)
    REQUIRE(limiter.charge("192.0.2." + std::to_string(i), address_action::send, midnight).has_value());
  auto todo = limiter.take_work(midnight);
  std::int64_t sum = 0;
  while (!todo.empty()) {
    const auto part = todo.take(7);
    CHECK(part.changed.size() <= 7);
    sum += sum_of(part);
  }
  CHECK(sum == 100);
  CHECK(todo.take(7).empty());
}

TEST_CASE("what other servers counted counts here") {
  const auto limits = limits_of(30, 0, 0);
  address_limiter limiter(limits, "node");
  REQUIRE(limiter.charge("192.0.2.1", address_action::send, midnight).has_value());
  auto window = limiter.take_work(midnight).changed.front();
  limiter.learned(window, 28);
  CHECK(outcome(limiter.charge("192.0.2.1", address_action::send, midnight)) == "ok");
  CHECK(outcome(limiter.charge("192.0.2.1", address_action::send, midnight)) == "send_limited");
  window.address = "192.0.2.77";  // unknown here: forgotten without harm
  limiter.learned(window, 28);
  CHECK(outcome(limiter.charge("192.0.2.77", address_action::send, midnight)) == "ok");
}

TEST_CASE("hits of a window that has ended are flushed and then forgotten") {
  const auto limits = limits_of(10, 0, 0);
  address_limiter limiter(limits, "node");
  REQUIRE(limiter.charge("192.0.2.1", address_action::send, midnight).has_value());
  const auto late = limiter.take_work(midnight + core::ms_per_hour);
  CHECK(sum_of(late) == 1);
  limiter.give_back(late);  // its counter is gone: one hit of a past window is lost, none of this one
  CHECK(limiter.take_work(midnight + core::ms_per_hour).empty());
}

TEST_CASE("a flood of addresses drops the least used counters, keeps the busy ones, and loses no hit") {
  const auto limits = limits_of(30, 0, 0);
  address_limiter limiter(limits, "node");
  for (int i = 0; i < 29; ++i)
    REQUIRE(limiter.charge("192.0.2.1", address_action::send, midnight).has_value());
  constexpr int flood = 250'000;  // more than both generations hold
  for (int i = 0; i < flood; ++i) {
    REQUIRE(limiter.charge(std::to_string(i), address_action::send, midnight).has_value());
    if (i % 50'000 == 0)
      CHECK(outcome(limiter.charge("192.0.2.1", address_action::send, midnight)) == (i == 0 ? "ok" : "send_limited"));
  }
  CHECK(sum_of(limiter.take_work(midnight)) == flood + 30);
}
