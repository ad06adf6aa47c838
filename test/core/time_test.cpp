#include "core/time.hpp"

#include <doctest/doctest.h>

using smsauth::core::epoch_ms;
using smsauth::core::ms_per_day;
using smsauth::core::ms_per_hour;
using smsauth::core::seconds_until;

TEST_CASE("seconds_until rounds up, so that a client that obeys is never early") {
  struct row {
    epoch_ms then;
    epoch_ms now;
    std::int64_t seconds;
  };
  constexpr epoch_ms day = 1'795'219'200'000;
  constexpr row rows[] = {{60'000, 0, 60},
                          {60'001, 0, 61},
                          {59'999, 0, 60},
                          {1'000, 0, 1},
                          {1'001, 0, 2},
                          {999, 0, 1},
                          {1, 0, 1},
                          {0, 0, 1},
                          {0, 5'000, 1},
                          {0, day, 1},
                          {day + 120'000, day, 120}};
  for (const row& r : rows) {
    CAPTURE(r.then);
    CHECK(seconds_until(r.then, r.now) == r.seconds);
  }
}

TEST_CASE("an hour and a day have their length") {
  CHECK(ms_per_hour == 3'600'000);
  CHECK(ms_per_day == 86'400'000);
}
