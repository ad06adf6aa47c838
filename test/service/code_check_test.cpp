// What a code opens, for whom, how long and how often.
#include "service/code_check.hpp"

#include "core/verification.hpp"
#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using core::purpose;

namespace {

// A right or wrong code, tried as `why` without any service around it.
std::string try_code(fixture& f, const core::phone_number& phone, purpose why, std::string_view owner,
                     std::string_view code) {
  const service::code_check check(f.node().context, phone, why, owner, code, f.time.now());
  auto work = [&](store::transaction& in) { return check(in); };
  const auto attempt = [](service::database_lanes& lanes, auto& job) -> runtime::awaitable<core::result<void>> {
    co_return co_await lanes.write("test", job);
  };
  return outcome(f.call(attempt(f.node().lanes, work)));
}

std::string try_login(fixture& f, const client& who, const core::phone_number& phone, std::string_view code) {
  const auto request = login_with(phone, code);
  return outcome(f.call(f.accounts().login_by_code(who, request)));
}

// Some code that is not `right`.
std::string wrong_for(const std::string& right) {
  return right == "123456" ? "654321" : "123456";
}

void wrong_tries(fixture& f, const client& who, const core::phone_number& phone, const std::string& right, int count) {
  for (int i = 0; i < count; ++i)
    REQUIRE(try_login(f, who, phone, wrong_for(right)) == "wrong_code");
}

const set_up many_sends{[](service::settings& config) {
  config.codes.phone_sends_per_hour = 1'000;
  config.codes.phone_sends_per_day = 1'000;
}};

}  // namespace

TEST_CASE("OTP-01: codes have six digits without a leading zero and do not repeat") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
      const std::string code = f.send_code(who, new_phone(), purpose::login);
      CHECK(code.size() == 6);
      CHECK(code.find_first_not_of("0123456789") == std::string::npos);
      CHECK(code.front() != '0');
      seen.insert(code);
    }
    CHECK(seen.size() >= 95);  // of 900,000: one pair among a hundred is a chance of 1 in 180
  });
}

TEST_CASE("OTP-02: a code lives for its dialect's time to the second, by the server's clock") {
  with_services([](fixture& f) {
    struct row {
      core::dialect dialect;
      std::int64_t ttl_seconds;
    };
    for (const row each : {row{core::dialect::discuzq, 300}, row{core::dialect::v4, 300},
                           row{core::dialect::module, 300}, row{core::dialect::smssend, 180}}) {
      const client who(each.dialect);
      CAPTURE(core::to_string(each.dialect));
      for (const std::int64_t age : {each.ttl_seconds - 1, each.ttl_seconds, each.ttl_seconds + 1}) {
        CAPTURE(age);
        const auto phone = new_phone();
        const std::string code = f.send_code(who, phone, purpose::login);
        f.time.advance_seconds(age);
        CHECK(try_login(f, who, phone, code) == (age < each.ttl_seconds ? "ok" : "wrong_code"));
      }
    }
  });
}

TEST_CASE("OTP-03: a code works once") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    const std::string code = f.send_code(who, phone, purpose::login);
    CHECK(try_login(f, who, phone, code) == "ok");
    CHECK(try_login(f, who, phone, code) == "wrong_code");
  });
}

TEST_CASE("OTP-04: the fifth wrong try kills the code") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    for (const int wrong : {4, 5}) {
      CAPTURE(wrong);
      const auto phone = new_phone();
      const std::string code = f.send_code(who, phone, purpose::login);
      wrong_tries(f, who, phone, code, wrong);
      CHECK(try_login(f, who, phone, code) == (wrong < 5 ? "ok" : "wrong_code"));
      CHECK(f.number_of("attempts", "verification", phone) == 5);
    }
  });
}

TEST_CASE("OTP-04: when the step itself fails, a right and a wrong guess get one answer and the code is not spent") {
  fixture f(store::sql_flavor::sqlite);
  const client who(core::dialect::discuzq);
  const auto phone = new_phone();
  const std::string code = f.send_code(who, phone, purpose::login);
  f.sql().run("CREATE TRIGGER broken BEFORE UPDATE ON verification BEGIN SELECT RAISE(ABORT, 'broken'); END");
  const std::string right = try_login(f, who, phone, code);
  const std::string wrong = try_login(f, who, phone, wrong_for(code));
  CHECK(right == wrong);
  CHECK(right == "internal");
  f.sql().run("DROP TRIGGER broken");
  CHECK(try_login(f, who, phone, code) == "ok");
}

TEST_CASE("OTP-05: a new code does not clear earlier wrong tries; after ten of them the number waits for its window") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    const core::epoch_ms first_try = f.time.now();
    for (const int wrong : {4, 4, 2}) {
      const std::string code = f.send_code(who, phone, purpose::login);
      wrong_tries(f, who, phone, code, wrong);
      f.time.advance_seconds(61);
    }
    const std::string code = f.send_code(who, phone, purpose::login);
    const auto request = login_with(phone, code);
    const auto refused = f.call(f.accounts().login_by_code(who, request));
    CHECK(outcome(refused) == "phone_locked");
    CHECK(refused.error().retry_after_seconds == core::seconds_until(first_try + core::ms_per_day, f.time.now()));

    f.time.set(first_try + core::ms_per_day - 1);
    const std::string too_early = f.send_code(who, phone, purpose::login);
    CHECK(try_login(f, who, phone, too_early) == "phone_locked");
    f.time.advance_ms(1);
    CHECK(try_login(f, who, phone, too_early) == "ok");
  });
}

TEST_CASE("OTP-05: a right code forgives the wrong tries before it") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    for (int round = 0; round < 4; ++round) {  // 16 wrong tries in all, never ten since a right one
      const std::string code = f.send_code(who, phone, purpose::login);
      wrong_tries(f, who, phone, code, 4);
      CHECK(try_login(f, who, phone, code) == "ok");
      f.time.advance_seconds(61);
    }
    CHECK(f.number_of("wrong_tries", "phone_quota", phone) == 0);
  });
}

TEST_CASE("OTP-06: wrong tries add up over dialects, endpoints and client addresses") {
  with_services([](fixture& f) {
    const auto phone = new_phone();
    const client owner(core::dialect::discuzq);
    for (const purpose why : {purpose::login, purpose::register_account, purpose::reset_password})
      f.send_code(owner, phone, why);
    int compared = 0;
    for (int i = 0; i < 100; ++i) {
      const client who(all_dialects[static_cast<std::size_t>(i) % 4], "192.0.2." + std::to_string(i % 50),
                       "agent " + std::to_string(i));
      std::string answer;
      const auto login = login_with(phone, "000000");
      const auto registration = registration_with(phone, "000000");
      switch (i % 3) {
        case 0:
          answer = outcome(f.call(f.accounts().login_by_code(who, login)));
          break;
        case 1:
          answer = outcome(f.call(f.accounts().register_account(who, registration)));
          break;
        default:
          answer = outcome(f.call(f.accounts().prove_for_reset(who, phone, "000000", "device")));
          break;
      }
      if (answer == "wrong_code") {
        ++compared;
      } else {
        CHECK(answer == "phone_locked");
      }
    }
    CHECK(compared == 10);
    CHECK(f.number_of("SUM(attempts)", "verification", phone) == 10);
  });
}

TEST_CASE("OTP-07: a code works for the purpose it was sent for and no other, in every dialect") {
  with_services(
      [](fixture& f) {
        for (const core::dialect dialect : all_dialects) {
          const client who(dialect);
          for (const purpose sent : core::all_purposes) {
            for (const purpose used : core::all_purposes) {
              CAPTURE(core::to_string(sent));
              CAPTURE(core::to_string(used));
              const auto phone = new_phone();
              const std::string code = f.send_code(who, phone, sent);
              CHECK(try_code(f, phone, used, "", code) == (sent == used ? "ok" : "wrong_code"));
              CHECK(f.number_of("wrong_tries", "phone_quota", phone) == (sent == used ? 0 : 1));
            }
          }
        }
      },
      many_sends);
}

TEST_CASE("OTP-08: a code sent for one session works in that session only") {
  with_services([](fixture& f) {
    const std::string x = "17:00000000000000000000000000000001";
    const std::string y = "17:00000000000000000000000000000002";
    const std::string other_user = "18:00000000000000000000000000000001";
    for (const purpose why : {purpose::bind, purpose::rebind, purpose::verify, purpose::reset_pay_password}) {
      const auto phone = new_phone();
      const client who(core::dialect::discuzq);
      const std::string code = f.send_code(who, phone, why, x);
      CHECK(try_code(f, phone, why, y, code) == "wrong_code");
      CHECK(try_code(f, phone, why, other_user, code) == "wrong_code");
      CHECK(try_code(f, phone, why, "", code) == "wrong_code");
      CHECK(try_code(f, phone, why, x, code) == "ok");
    }
  });
}

TEST_CASE("OTP-08: a code of one number does not work for another") {
  with_services([](fixture& f) {
    const client who(core::dialect::v4);
    const auto mine = new_phone();
    const auto victim = new_phone();
    const std::string code = f.send_code(who, mine, purpose::login);
    const std::string theirs = f.send_code(who, victim, purpose::login);
    if (code != theirs) CHECK(try_login(f, who, victim, code) == "wrong_code");
    CHECK(try_login(f, who, mine, code) == "ok");
    CHECK(try_login(f, who, victim, theirs) == "ok");
  });
}

TEST_CASE("OTP-09: only the newest of several codes works") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto phone = new_phone();
    std::vector<std::string> codes;
    for (int i = 0; i < 3; ++i) {
      codes.push_back(f.send_code(who, phone, purpose::login));
      f.time.advance_seconds(61);
    }
    const bool distinct = codes[0] != codes[2] && codes[1] != codes[2];
    if (distinct) {
      CHECK(try_login(f, who, phone, codes[0]) == "wrong_code");
      CHECK(try_login(f, who, phone, codes[1]) == "wrong_code");
    }
    CHECK(try_login(f, who, phone, codes[2]) == "ok");
  });
}

TEST_CASE("OTP-10: without a live code nothing matches, whatever is tried") {
  const auto odd_values = [](const std::string& code) {
    return std::vector<std::string>{"",
                                    "0",
                                    "000000",
                                    "null",
                                    "true",
                                    "false",
                                    "[]",
                                    "{}",
                                    "undefined",
                                    "NaN",
                                    "-1",
                                    "1e5",
                                    "%",
                                    "_",
                                    "______",
                                    "' OR '1'='1",
                                    "\" OR 1=1 --",
                                    std::string(1, '\0'),
                                    std::string("\0\0\0\0\0\0", 6),
                                    ' ' + code,
                                    code + ' ',
                                    '+' + code,
                                    code + '\n',
                                    '0' + code,
                                    code + code,
                                    code.substr(0, 5),
                                    code + std::string(1, '\0'),
                                    "\xEF\xBC\x91\xEF\xBC\x92",
                                    std::string(16'000, '9'),
                                    "\xFF\xFE"};
  };
  const set_up patient{[](service::settings& config) {
    config.codes.wrong_tries_per_day = 10'000;
    config.codes.wrong_tries_per_code = 1'000;
  }};
  with_services(
      [&](fixture& f) {
        const client who(core::dialect::v4);
        const auto phone = new_phone();
        const auto all_refused = [&](const std::string& code) {
          for (const std::string& odd : odd_values(code)) {
            CAPTURE(odd);
            CHECK(try_login(f, who, phone, odd) == "wrong_code");
            const auto registration = registration_with(phone, odd);
            CHECK(outcome(f.call(f.accounts().register_account(who, registration))) == "wrong_code");
            CHECK(outcome(f.call(f.accounts().prove_for_reset(who, phone, odd, ""))) == "wrong_code");
            service::reset_proof proof;
            proof.code = odd;
            CHECK(outcome(f.call(f.accounts().reset_password(who, phone, proof, "new-password"))) ==
                  (odd.empty() ? "grant_required" : "wrong_code"));
          }
        };
        all_refused("123456");  // before any send
        const std::string code = f.send_code(who, phone, purpose::login);
        all_refused(code);
        CHECK(try_login(f, who, phone, code) == "ok");
        all_refused(code);  // after it was used
        CHECK(try_login(f, who, phone, code) == "wrong_code");
      },
      patient);
}

TEST_CASE("OTP-12: tries of codes that were never sent are refused and counted like wrong ones") {
  with_services([](fixture& f) {
    const client who(core::dialect::discuzq);
    const auto never = new_phone();
    const auto sent = new_phone();
    f.send_code(who, sent, purpose::login);
    for (const core::phone_number& phone : {never, sent}) {
      for (int i = 0; i < 10; ++i)
        CHECK(try_login(f, who, phone, "000000") == "wrong_code");
      CHECK(try_login(f, who, phone, "000000") == "phone_locked");
    }
    CHECK(f.number_of("COUNT(*)", "verification", never) == 0);
  });
}
