#include "sms/number_windows.hpp"

#include <doctest/doctest.h>

#include <string>

using smsauth::sms::number_window;
using smsauth::sms::number_windows;
using smsauth::sms::parse_number_windows;

TEST_CASE("windows of a number are read, and nothing else is") {
  CHECK(parse_number_windows("")->empty());
  CHECK(*parse_number_windows("1/60,5/3600,10/86400") == std::vector<number_window>{{1, 60}, {5, 3'600}, {10, 86'400}});
  for (const char* const bad : {"1", "1/", "/60", "0/60", "1/0", "1/60,", ",1/60", "1001/60", "1/2592001", "a/60",
                                "1/60s", "-1/60", "1 /60", "1/1,1/1,1/1,1/1,1/1"})
    CHECK_MESSAGE(!parse_number_windows(bad), bad);
}

TEST_CASE("each window counts what went out in it, each number for itself") {
  number_windows windows({{1, 60}, {3, 3'600}});
  const std::int64_t minute = 60'000;
  std::int64_t now = 1'000'000'000;
  for (int i = 0; i < 3; ++i) {
    CHECK(windows.allows("a", now));
    windows.count("a", now);
    CHECK_FALSE(windows.allows("a", now + minute - 1));
    CHECK(windows.allows("b", now));
    now += minute;
  }
  CHECK_FALSE(windows.allows("a", now));
  CHECK_FALSE(windows.allows("a", now + 57 * minute - 1));
  CHECK(windows.allows("a", now + 57 * minute));
}

TEST_CASE("numbers beyond the capacity push the first ones out") {
  number_windows windows({{1, 60}});
  windows.count("first", 0);
  for (std::size_t i = 0; i < number_windows::capacity; ++i)
    windows.count(std::to_string(i), 0);
  CHECK(windows.allows("first", 0));
  CHECK_FALSE(windows.allows("0", 0));
}
