#include "sms/token_bucket.hpp"

#include <doctest/doctest.h>

using smsauth::sms::token_bucket;

TEST_CASE("a bucket gives a second's worth at once and the rest at its rate, whatever the clock's steps") {
  token_bucket bucket(10);
  for (int i = 0; i < 10; ++i)
    CHECK(bucket.take(1'000) == 0);
  CHECK(bucket.take(1'000) == 100);
  CHECK(bucket.take(1'000) == 200);
  CHECK(bucket.take(1'200) == 100);  // two of the future are spent by now
  CHECK(bucket.take(10'000) == 0);
  token_bucket slow(3);
  for (int i = 0; i < 3; ++i)
    CHECK(slow.take(0) == 0);
  CHECK(slow.take(0) == 334);
  CHECK(slow.take(333) == 334);
}

TEST_CASE("a rate of 0 is none") {
  token_bucket bucket(0);
  for (int i = 0; i < 1'000; ++i)
    CHECK(bucket.take(5) == 0);
}
