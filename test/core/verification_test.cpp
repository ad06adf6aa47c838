#include "core/verification.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace smsauth::core;

namespace {

constexpr epoch_ms now = 1'700'000'000'000;

phone_quota fresh() {
  return {};
}

}  // namespace

TEST_CASE("a refused send says which limit and how long to wait; the longest wait wins") {
  const code_limits limits;
  struct row {
    const char* name;
    phone_quota quota;
    errc code;
    std::int64_t wait;
  };
  auto quota = [](epoch_ms hour_at, std::int64_t hour, epoch_ms day_at, std::int64_t day, epoch_ms sent) {
    phone_quota q = fresh();
    q.hour_started_at = hour_at;
    q.hour_sends = hour;
    q.day_started_at = day_at;
    q.day_sends = day;
    q.sent_at = sent;
    return q;
  };
  const std::vector<row> table{
      {"gap just begun", quota(now, 1, now, 1, now), errc::send_too_soon, 60},
      {"gap nearly over", quota(now - 59'001, 1, now - 59'001, 1, now - 59'001), errc::send_too_soon, 1},
      {"gap over, nothing refuses", quota(now - 60'000, 1, now - 60'000, 1, now - 60'000), errc::internal, 0},
      {"hour full", quota(now - 600'000, 5, now - 600'000, 5, now - 61'000), errc::send_limited, 3000},
      {"hour full but over", quota(now - 3'600'000, 5, now - 3'600'000, 5, now - 61'000), errc::internal, 0},
      {"day full", quota(now - 600'000, 1, now - 7'200'000, 10, now - 600'000), errc::send_limited, 79'200},
      {"day and gap: the day waits longer", quota(now, 1, now - 7'200'000, 10, now), errc::send_limited, 79'200},
      {"hour full and gap: the hour waits longer", quota(now - 100'000, 5, now - 100'000, 5, now), errc::send_limited,
       3500},
      {"hour nearly over and gap: the gap waits longer", quota(now - 3'590'000, 5, now - 3'590'000, 5, now),
       errc::send_too_soon, 60},
  };
  for (const row& each : table) {
    CAPTURE(each.name);
    const failure why = explain_send_refusal(each.quota, now, 60, limits);
    CHECK(to_string(why.code) == to_string(each.code));
    CHECK(why.retry_after_seconds == each.wait);
  }
}

TEST_CASE("a limit of zero is no limit") {
  code_limits limits;
  limits.phone_sends_per_hour = 0;
  limits.phone_sends_per_day = 0;
  phone_quota q = fresh();
  q.hour_started_at = q.day_started_at = now - 1;
  q.hour_sends = q.day_sends = 1'000'000;
  CHECK(explain_send_refusal(q, now, 0, limits).code == errc::internal);
}

TEST_CASE("ten wrong tries lock the number until the window moves, nine do not") {
  const code_limits limits;
  phone_quota q = fresh();
  q.wrong_started_at = now - ms_per_day + 5'000;
  q.wrong_tries = 10;
  CHECK(explain_try_refusal(q, now, limits).code == errc::phone_locked);
  CHECK(explain_try_refusal(q, now, limits).retry_after_seconds == 5);
  q.wrong_tries = 9;
  CHECK(explain_try_refusal(q, now, limits).code == errc::wrong_code);
  q.wrong_tries = 10;
  q.wrong_started_at = now - ms_per_day;
  CHECK(explain_try_refusal(q, now, limits).code == errc::wrong_code);
}

TEST_CASE("no two different bindings of a code give the same MAC input") {
  std::vector<std::string> all{
      mac_input("+8613800138000", purpose::login, "", "123456"),
      mac_input("+8613800138000", purpose::bind, "", "123456"),
      mac_input("+8613800138001", purpose::login, "", "123456"),
      mac_input("+8613800138000", purpose::login, "1:a", "123456"),
      mac_input("+8613800138000", purpose::login, "1:a1", "23456"),
      mac_input("+8613800138000", purpose::login, "", "123457"),
      mac_input("+861380013800", purpose::login, "0", "123456"),
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); ++j)
      CHECK(all[i] != all[j]);
  }
}

TEST_CASE("password delays begin with the fifth failure, double, and end at the cap") {
  const password_limits limits;
  const std::vector<std::int64_t> expected{0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900};
  for (std::size_t failures = 0; failures < expected.size(); ++failures) {
    CAPTURE(failures);
    CHECK(password_delay_seconds(static_cast<std::int64_t>(failures), limits) == expected[failures]);
  }
  CHECK(password_delay_seconds(1'000'000'000, limits) == 900);
}

TEST_CASE("PWD-01: password lengths count code points") {
  password_limits limits;
  struct row {
    std::string password;
    dialect where;
    bool allowed;
  };
  const std::string emoji = "\xF0\x9F\x98\x80";
  std::string many;
  for (int i = 0; i < 50; ++i)
    many += emoji;
  const std::vector<row> table{
      {"12345", dialect::discuzq, false},
      {"123456", dialect::discuzq, true},
      {std::string(50, 'x'), dialect::discuzq, true},
      {std::string(51, 'x'), dialect::discuzq, false},
      {"12345", dialect::v4, false},
      {"123456", dialect::v4, true},
      {std::string(14, 'x'), dialect::v4, true},
      {std::string(15, 'x'), dialect::v4, false},
      {many, dialect::module, true},
      {many + emoji, dialect::module, false},
      {"", dialect::smssend, false},
  };
  for (const row& each : table) {
    CAPTURE(each.password);
    CHECK(password_allowed(each.password, "+8613800138000", each.where, limits) == each.allowed);
  }
}

TEST_CASE("PWD-02: strict refuses well-known passwords and the number itself, and nothing is cut off") {
  password_limits limits;
  limits.min_length = 8;
  limits.max_length = 128;
  limits.blocklist = true;
  const auto allowed = [&](const std::string& password) {
    return password_allowed(password, "+8613800138000", dialect::module, limits);
  };
  CHECK_FALSE(allowed("Password1"));
  CHECK_FALSE(allowed("12345678"));
  CHECK_FALSE(allowed("13800138000"));
  CHECK_FALSE(allowed("8613800138000"));
  CHECK_FALSE(allowed("00138000"));
  CHECK(allowed("00138001"));
  CHECK(allowed(std::string(128, 'q')));
  CHECK_FALSE(allowed(std::string(129, 'q')));
}

TEST_CASE("a pay password is exactly six ASCII digits") {
  CHECK(pay_password_allowed("000000"));
  for (const char* bad : {"", "12345", "1234567", "12345a", " 12345", "１２３４５６", "-12345"}) {
    CAPTURE(bad);
    CHECK_FALSE(pay_password_allowed(bad));
  }
}

TEST_CASE("smssend has its own gap and life, the other dialects share theirs") {
  const code_limits limits;
  CHECK(times_for(dialect::smssend, limits).ttl_seconds == 180);
  CHECK(times_for(dialect::smssend, limits).gap_seconds == 120);
  for (const dialect each : {dialect::discuzq, dialect::v4, dialect::module}) {
    CHECK(times_for(each, limits).ttl_seconds == 300);
    CHECK(times_for(each, limits).gap_seconds == 60);
  }
}
