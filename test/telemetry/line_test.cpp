#include "telemetry/line.hpp"

#include "core/error.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace {

using smsauth::telemetry::event;
using smsauth::telemetry::level_of;
using smsauth::telemetry::line;
using smsauth::telemetry::log_format;
using smsauth::telemetry::log_level;
using smsauth::telemetry::write_line;
using std::string_view_literals::operator""sv;

constexpr std::int64_t morning_ms = 1'795'255'200'123;  // 2026-11-21T10:00:00.123Z

line::clock::time_point at(std::int64_t epoch_ms) {
  return line::clock::time_point(std::chrono::milliseconds(epoch_ms));
}

event login() {
  event request;
  request.request_id = "0af7651916cd43dd";
  request.dialect = "v4";
  request.route = "/api/v4.0/login";
  request.method = "POST";
  request.purpose = "login";
  request.masked_phone = "+86138****8000";
  request.client = "203.0.113.9";
  request.status = 200;
  request.duration_us = 1234;
  return request;
}

std::string text_of(const event& request, log_format format) {
  std::string out;
  write_line(out, format, at(morning_ms), request);
  return out;
}

constexpr std::string_view hostile[] = {
    "a\nb",
    "a\r\n2026-11-21T10:00:00.123Z error forged",
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\u202egnp.exe",
    "\0nul"sv,
    "\xff\xfe\xc0\xaf",
    "\",\"outcome\":\"ok",
    "\\",
    "\\\"",
    "x outcome=ok",
    "=",
    " ",
    "",
    "\u2028\u2029\u0085",
    "{}[]",
    "%s%n%x",
    "{} {:d} {0}",
    "${jndi:ldap://x}",
};

}  // namespace

TEST_CASE("a request in text") {
  CHECK(text_of(login(), log_format::text) ==
        "2026-11-21T10:00:00.123Z info request id=0af7651916cd43dd dialect=v4 method=POST route=/api/v4.0/login "
        "status=200 outcome=ok ms=1.234 purpose=login client=203.0.113.9 phone=+86138****8000");
}

TEST_CASE("a request in JSON") {
  CHECK(text_of(login(), log_format::json) ==
        R"({"time":"2026-11-21T10:00:00.123Z","level":"info","event":"request","id":"0af7651916cd43dd",)"
        R"("dialect":"v4","method":"POST","route":"/api/v4.0/login","status":200,"outcome":"ok","ms":1.234,)"
        R"("purpose":"login","client":"203.0.113.9","phone":"+86138****8000"})");
}

TEST_CASE("an empty request has no empty purpose, client or phone") {
  CHECK(text_of(event{}, log_format::text) ==
        "2026-11-21T10:00:00.123Z info request id=\"\" dialect=- method=- route=- status=0 outcome=ok ms=0.000");
}

TEST_CASE("the level follows the status and who is at fault") {
  event request;
  for (const int status : {200, 302, 400, 401, 404, 429, 499}) {
    request.status = status;
    CHECK(level_of(request) == log_level::info);
  }
  request.status = 500;
  CHECK(level_of(request) == log_level::error);
  request.outcome = "internal";
  CHECK(level_of(request) == log_level::error);
  request.outcome = "wrong_code";  // discuzq tells clients of it by 500
  CHECK(level_of(request) == log_level::info);
  request.outcome = "gateway_failed";
  CHECK(level_of(request) == log_level::warning);
  for (const int status : {501, 505}) {  // what any client may ask for
    request.status = status;
    request.outcome = "not_implemented";
    CHECK(level_of(request) == log_level::info);
  }
  request.status = 503;
  request.outcome = "unavailable";
  CHECK(level_of(request) == log_level::warning);
  request.outcome = smsauth::core::to_string(smsauth::core::errc::busy);
  CHECK(level_of(request) == log_level::info);
  request.quiet = true;
  CHECK(level_of(request) == log_level::debug);
}

TEST_CASE("numbers and truth values are such in JSON") {
  std::string out;
  write_line(out, log_format::json, at(morning_ms), log_level::warning, "pool",
             {{"size", std::int64_t{8}},
              {"least", std::numeric_limits<std::int64_t>::min()},
              {"open", true},
              {"closed", false},
              {"text", "7"}});
  CHECK(out == R"({"time":"2026-11-21T10:00:00.123Z","level":"warning","event":"pool","size":8,)"
               R"("least":-9223372036854775808,"open":true,"closed":false,"text":"7"})");
  write_line(out, log_format::text, at(morning_ms), log_level::debug, "listening on 127.0.0.1:8080",
             {{"n", std::int64_t{-1}}});
  CHECK(out == "2026-11-21T10:00:00.123Z debug listening on 127.0.0.1:8080 n=-1");
}

TEST_CASE("times before and after a second, a day, a leap day and the year 2038 are right") {
  struct row {
    std::int64_t epoch_ms;
    std::string_view expected;
  };
  constexpr row rows[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {morning_ms, "2026-11-21T10:00:00.123Z"},
      {morning_ms + 876, "2026-11-21T10:00:00.999Z"},
      {morning_ms + 877, "2026-11-21T10:00:01.000Z"},
      {morning_ms, "2026-11-21T10:00:00.123Z"},  // a clock that was set back
      {1'709'164'799'999, "2024-02-28T23:59:59.999Z"},
      {1'709'164'800'000, "2024-02-29T00:00:00.000Z"},
      {2'147'483'648'000, "2038-01-19T03:14:08.000Z"},
  };
  for (const row& r : rows) {
    std::string out;
    write_line(out, log_format::text, at(r.epoch_ms), log_level::info, "x", {});
    CHECK(out == std::string(r.expected) + " info x");
  }
}

TEST_CASE("milliseconds have three decimals and are never negative") {
  struct row {
    std::int64_t us;
    std::string_view expected;
  };
  constexpr row rows[] = {{0, "0.000"},
                          {1, "0.001"},
                          {12, "0.012"},
                          {999, "0.999"},
                          {1000, "1.000"},
                          {1234, "1.234"},
                          {60'000'000, "60000.000"},
                          {-5, "0.000"}};
  for (const row& r : rows) {
    event request;
    request.duration_us = r.us;
    const std::string out = text_of(request, log_format::text);
    CHECK(out.substr(out.rfind('=') + 1) == r.expected);
  }
}

TEST_CASE("hostile text in any field stays one line, parses as JSON, and forges no field") {
  for (const std::string_view text : hostile) {
    CAPTURE(text);
    event request = login();
    request.request_id = text;
    request.client = text;
    request.masked_phone = text;
    for (const log_format format : {log_format::text, log_format::json}) {
      std::string out;
      write_line(out, format, at(morning_ms), request);
      for (const char c : out)
        CHECK(!(c >= 0 && c < ' '));
      write_line(out, format, at(morning_ms), log_level::info, text, {{"name", text}});
      for (const char c : out)
        CHECK(!(c >= 0 && c < ' '));
    }
    const boost::json::object parsed = boost::json::parse(text_of(request, log_format::json)).as_object();
    CHECK(parsed.size() == (text.empty() ? 11U : 13U));  // an empty client or phone is left out
    CHECK(parsed.at("outcome") == "ok");
  }
}

TEST_CASE("a text value that is not bare is quoted") {
  struct row {
    std::string_view value;
    std::string_view expected;
  };
  constexpr row rows[] = {{"bare", "v=bare"},
                          {"", "v=\"\""},
                          {"two words", "v=\"two words\""},
                          {"a=b", "v=\"a=b\""},
                          {"a\"b", "v=\"a\\\"b\""},
                          {"a\\b", "v=\"a\\\\b\""},
                          {"a\nb", "v=\"a\\nb\""},
                          {"\u4e2d", "v=\"\u4e2d\""},
                          {"127.0.0.1:80", "v=127.0.0.1:80"}};
  for (const row& r : rows) {
    std::string out;
    write_line(out, log_format::text, at(0), log_level::info, "x", {{"v", r.value}});
    CHECK(out.substr(out.find("v=")) == r.expected);
  }
}

TEST_CASE("a value of 10 kB is cut") {
  event request = login();
  request.client = std::string(10'000, 'c');
  CHECK(text_of(request, log_format::text).size() < 600);
  CHECK(text_of(request, log_format::json).size() < 600);
}
