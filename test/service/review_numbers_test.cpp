// Reviewers' numbers: exact, dated, never sent.
#include "service/review_numbers.hpp"

#include "service/service_fixture.hpp"
#include "sms/wire_time.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace smsauth;
using namespace smsauth::test;

namespace {

core::phone_number number(std::string_view e164) {
  return core::stored_phone(e164).value();
}

}  // namespace

TEST_CASE("a review number has its code through its last day, and no other number has it") {
  service::review_numbers all;
  all.add("+8613800138000", "246810 until 2026-12-31");
  const auto last = sms::parse_time("2026-12-31 23:59:59", 0).value();
  const auto* const code = all.code_for(number("+8613800138000"), last);
  REQUIRE(code != nullptr);
  CHECK(*code == "246810");
  CHECK(all.code_for(number("+8613800138000"), last + 1'000) == nullptr);
  CHECK(all.code_for(number("+8613800138001"), last) == nullptr);
}

TEST_CASE("what is no exact number, no code or no day is refused, and so is a twenty-first number") {
  service::review_numbers all;
  for (const auto* wrong : {"13800138000", "+86138*", "", "+", "+86 13800138000", "8613800138000"})
    CHECK_THROWS_AS(all.add(wrong, "246810 until 2026-12-31"), std::invalid_argument);
  for (const auto* wrong : {"", "246810", "246810 until", "246810 until 2026-13-01", "46810 until 2026-12-31",
                            "046810 until 2026-12-31", "24681x until 2026-12-31", "246810 until 2026-12-31 "})
    CHECK_THROWS_AS(all.add("+8613800138000", wrong), std::invalid_argument);
  for (int i = 0; i < 20; ++i)
    all.add("+86138001380" + std::to_string(10 + i), "246810 until 2026-12-31");
  CHECK_THROWS_AS(all.add("+8613800138000", "246810 until 2026-12-31"), std::invalid_argument);
}

TEST_CASE("a review number's code works like any other, once, and no message goes out") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    f.node().reviewed.add(phone.e164(), "246810 until 2999-12-31");
    const service::send_request request(phone, core::purpose::login);
    REQUIRE(outcome(f.call(f.verifications().send(who, request))) == "ok");
    CHECK(f.gateway.messages_to(phone.e164()).empty());
    CHECK(f.number("SELECT COUNT(*) FROM outbox WHERE phone = '" + phone.e164() +
                   "' AND state = 1 AND gateway = 'review' AND sealed_body = ''") == 1);
    const auto login = login_with(phone, "246810", true);
    CHECK(outcome(f.call(f.accounts().login_by_code(who, login))) == "ok");
    CHECK(outcome(f.call(f.accounts().login_by_code(who, login))) == "wrong_code");
  });
}
