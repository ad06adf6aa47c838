// What a flood of refused sends may write, and what must not get lost of it.
#include "service/refusals.hpp"

#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;
using namespace smsauth::test;

namespace {

store::deliveries::refusal refused(const core::phone_number& phone, core::epoch_ms at, std::string_view reason) {
  store::deliveries::refusal one;
  one.phone = phone.e164();
  one.purpose = "login";
  one.dialect = "v4";
  one.address = "192.0.2.1";
  one.reason = reason;
  one.refused_at = at;
  return one;
}

std::int64_t rows_of(fixture& f, const core::phone_number& phone) {
  return f.number_of("COUNT(*)", "send_refusal", phone);
}

}  // namespace

TEST_CASE("refusals of one number, purpose and reason within an hour are one row that counts them") {
  with_services([](fixture& f) {
    service::refusals all(f.node().lanes);
    const auto phone = new_phone();
    const core::epoch_ms hour = f.time.now() - f.time.now() % core::ms_per_hour;
    for (int i = 0; i < 1'000; ++i) {
      all.note(refused(phone, hour + i, "send_too_soon"));
      if (i % 100 == 0) f.call(all.flush());
    }
    all.note(refused(phone, hour + 5, "send_limited"));
    f.call(all.flush());
    CHECK(rows_of(f, phone) == 2);
    CHECK(f.number_of("MAX(hits)", "send_refusal", phone) == 1'000);
    CHECK(f.number_of("MAX(refused_at)", "send_refusal", phone) == hour + 999);
    all.note(refused(phone, hour + core::ms_per_hour, "send_too_soon"));
    f.call(all.flush());
    CHECK(rows_of(f, phone) == 3);
    CHECK(all.forgotten() == 0);
  });
}

TEST_CASE("a flood over many numbers writes no more rows than an hour may, and counts what it forgets") {
  with_services([](fixture& f) {
    service::refusals all(f.node().lanes);
    const auto known = new_phone();
    const core::epoch_ms now = f.time.now();
    const auto before = f.number("SELECT COUNT(*) FROM send_refusal");
    all.note(refused(known, now, "send_limited"));
    const std::size_t flood = service::refusals::rows_per_hour + 500;
    for (std::size_t i = 1; i < flood; ++i)
      all.note(refused(new_phone(), now, "send_limited"));
    all.note(refused(known, now, "send_limited"));
    f.call(all.flush());
    CHECK(f.number("SELECT COUNT(*) FROM send_refusal") - before ==
          static_cast<std::int64_t>(service::refusals::rows_per_hour));
    CHECK(all.forgotten() == flood - service::refusals::rows_per_hour);
    CHECK(f.number_of("hits", "send_refusal", known) == 2);
  });
}
