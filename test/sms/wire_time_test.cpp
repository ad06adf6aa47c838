#include "sms/wire_time.hpp"

#include "sms/wire_code.hpp"

#include <doctest/doctest.h>

using namespace smsauth;
using namespace smsauth::sms;

TEST_CASE("times are written in UTC without part seconds") {
  CHECK(utc_time(0) == "1970-01-01T00:00:00Z");
  CHECK(utc_time(1'767'323'045'999) == "2026-01-02T03:04:05Z");
  CHECK(utc_time_compact(1'767'323'045'000) == "20260102T030405Z");
  CHECK(utc_date(1'767'323'045'000) == "2026-01-02");
}

TEST_CASE("times of receipts are read in the zone that the provider means") {
  CHECK(parse_time("2026-01-02 11:04:05", 8) == 1'767'323'045'000);
  CHECK(parse_time("2026-01-02T03:04:05Z", 0) == 1'767'323'045'000);
  CHECK(parse_time("2024-02-29 00:00:00", 0));
}

TEST_CASE("what is no time is not read as one") {
  for (const auto* text :
       {"", "2026-01-02", "2026-1-2 3:04:05", "2026-02-30 00:00:00", "2026-13-01 00:00:00", "2026-01-02 24:00:00",
        "2026-01-02 03:60:05", "2026-01-02 03:04:0x", "2026/01/02 03:04:05", "2026-01-02 03:04:05+0"})
    CHECK_FALSE(parse_time(text, 8));
}

TEST_CASE("seconds are digits alone, and none can overflow") {
  CHECK(parse_unix_seconds("0") == 0);
  CHECK(parse_unix_seconds("1714979289") == 1'714'979'289);
  for (const auto* text :
       {"", "-1", "+1", " 1", "1 ", "1.5", "1e3", "9223372036854775807", "999999999999", "1234567890123"})
    CHECK_FALSE(parse_unix_seconds(text));
}

TEST_CASE("a provider's code is cut to what is safe in a log") {
  CHECK(wire_code("isv.BUSINESS_LIMIT_CONTROL") == "isv.BUSINESS_LIMIT_CONTROL");
  CHECK(wire_code("DELIVRD the code 1234") == "DELIVRD");
  CHECK(wire_code("a\nb") == "a");
  CHECK(wire_code(std::string(100, '7')).size() == 64);
  CHECK(wire_code("码").empty());
}
