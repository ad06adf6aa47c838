#include "sms/gateway.hpp"

#include <doctest/doctest.h>

using namespace smsauth;

TEST_CASE("a rejection's name is that of the provider vectors") {
  using sms::rejection;
  struct row {
    rejection value;
    std::string_view name;
  };
  for (const row& r :
       {row{rejection::rate_limited, "rate_limited"}, row{rejection::bad_number, "bad_number"},
        row{rejection::blocked_number, "blocked_number"}, row{rejection::content_or_template, "content_or_template"},
        row{rejection::auth_config, "auth_config"}, row{rejection::insufficient_funds, "insufficient_funds"},
        row{rejection::retry_later, "retry_later"}, row{rejection::permanent, "permanent"}}) {
    CHECK(sms::to_string(r.value) == r.name);
  }
  CHECK(sms::to_string(static_cast<rejection>(99)) == "unknown");
}

TEST_CASE("an outcome that nobody filled in is unknown, which is never sent again") {
  CHECK(sms::outcome{}.what == sms::outcome::kind::unknown);
  CHECK(sms::outcome::unknown().what == sms::outcome::kind::unknown);
  CHECK(sms::outcome::accepted("m1").provider_id == "m1");
  const sms::outcome refused = sms::outcome::rejected(sms::rejection::bad_number, "isv.MOBILE");
  CHECK(refused.what == sms::outcome::kind::rejected);
  CHECK(refused.reason == sms::rejection::bad_number);
  CHECK(refused.provider_code == "isv.MOBILE");
}
