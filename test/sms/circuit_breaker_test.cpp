#include "sms/circuit_breaker.hpp"

#include <doctest/doctest.h>

using smsauth::sms::circuit_breaker;

TEST_CASE("a circuit opens after so many failures in a row, lets one probe through, and closes on its success") {
  circuit_breaker breaker({3, 1'000});
  breaker.failed(0);
  breaker.failed(0);
  breaker.succeeded();
  breaker.failed(10);
  breaker.failed(10);
  CHECK(breaker.allows(10));
  breaker.failed(10);
  CHECK_FALSE(breaker.allows(10));
  CHECK_FALSE(breaker.allows(1'009));
  CHECK(breaker.open(1'009));
  CHECK(breaker.allows(1'010));
  CHECK_FALSE(breaker.allows(1'010));  // one probe at a time
  breaker.failed(1'020);
  CHECK_FALSE(breaker.allows(2'019));
  CHECK(breaker.allows(2'020));
  breaker.abandoned();
  CHECK(breaker.allows(2'020));
  breaker.succeeded();
  CHECK(breaker.allows(2'021));
  CHECK(breaker.allows(2'021));
}

TEST_CASE("a circuit with no number of failures never opens") {
  circuit_breaker breaker({0, 1'000});
  for (int i = 0; i < 100; ++i)
    breaker.failed(i);
  CHECK(breaker.allows(100));
}
