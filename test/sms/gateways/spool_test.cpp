#include "sms/gateways/spool.hpp"

#include "sms/temporary_directory.hpp"
#include "support/run_to_end.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace smsauth;

namespace {

sms::message example() {
  sms::message what;
  what.id = "0192f3a0b1c2d3e4";
  what.to = "+8613800138000";
  what.purpose = core::purpose::login;
  what.dialect = core::dialect::discuzq;
  what.code = "123456";
  what.text = "【smsauthd】验证码123456";
  what.language = "zh";
  what.created_at = 1'795'257'841'007;
  what.deadline = what.created_at + 300'000;
  return what;
}

}  // namespace

TEST_CASE("a spool line is exactly what readers of the file were promised") {
  CHECK(sms::spool_line(example()) ==
        R"({"id":"0192f3a0b1c2d3e4","to":"+8613800138000","purpose":"login","dialect":"discuzq","code":"123456",)"
        R"("text":"【smsauthd】验证码123456","at":"2026-11-21T10:44:01.007Z"})");
}

TEST_CASE("a spool line names every purpose and dialect as the database does") {
  sms::message what = example();
  what.purpose = core::purpose::register_account;
  what.dialect = core::dialect::v4;
  const std::string line = sms::spool_line(what);
  CHECK(line.find(R"("purpose":"register","dialect":"v4")") != std::string::npos);
}

TEST_CASE("quotes and line ends in a text stay inside their JSON string") {
  sms::message what = example();
  what.text = "a\"b\\c\nd\re\x01";
  const std::string line = sms::spool_line(what);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\r') == std::string::npos);
  CHECK(boost::json::parse(line).at("text").as_string() == what.text);
}

TEST_CASE("the time of a spool line is UTC with milliseconds, in leap years and before 1970 too") {
  struct row {
    core::epoch_ms time;
    std::string_view text;
  };
  for (const row& r :
       {row{0, "1970-01-01T00:00:00.000Z"}, row{-1, "1969-12-31T23:59:59.999Z"},
        row{1'709'251'199'999, "2024-02-29T23:59:59.999Z"}, row{1'709'251'200'000, "2024-03-01T00:00:00.000Z"},
        row{4'102'444'800'050, "2100-01-01T00:00:00.050Z"}}) {
    sms::message what = example();
    what.created_at = r.time;
    CHECK(boost::json::parse(sms::spool_line(what)).at("at").as_string() == r.text);
  }
}

TEST_CASE("a message is in the spool file when send returns") {
  const test::temporary_directory directory;
  sms::spool_gateway gateway(directory / "spool.jsonl");
  CHECK(gateway.name() == "spool");
  CHECK(gateway.local());

  const sms::message what = example();
  const sms::outcome result = test::run_to_end(gateway.send(what));
  CHECK(result.what == sms::outcome::kind::accepted);
  CHECK(result.provider_id == what.id);
  CHECK(test::content_of(directory / "spool.jsonl") == sms::spool_line(what) + "\n");
}

TEST_CASE("a message that cannot be written is rejected for now, and the next one is tried afresh") {
  const test::temporary_directory directory;
  sms::spool_gateway gateway(directory / "spool.jsonl");
  std::filesystem::remove(directory / "spool.jsonl");
  std::filesystem::create_directory(directory / "spool.jsonl");

  const sms::message what = example();
  const sms::outcome refused = test::run_to_end(gateway.send(what));
  CHECK(refused.what == sms::outcome::kind::rejected);
  CHECK(refused.reason == sms::rejection::retry_later);
  CHECK(refused.provider_code == "spool_write");

  std::filesystem::remove(directory / "spool.jsonl");
  CHECK(test::run_to_end(gateway.send(what)).what == sms::outcome::kind::accepted);
}
