#include "sms/gateways/log.hpp"

#include "sms/temporary_directory.hpp"
#include "support/run_to_end.hpp"
#include "telemetry/log.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;

namespace {

/// What the log holds after one message to `number` went out.
std::string log_of_sending(const std::string& number) {
  const test::temporary_directory directory;
  telemetry::log_settings settings;
  settings.format = telemetry::log_format::json;
  settings.file = (directory / "log").string();
  telemetry::start_log(settings);

  sms::message what;
  what.id = "m-1";
  what.to = number;
  what.purpose = core::purpose::reset_password;
  what.dialect = core::dialect::smssend;
  what.code = "739184";
  what.text = "【smsauthd】验证码739184";
  what.language = "zh";
  sms::log_gateway gateway;
  CHECK(gateway.name() == "log");
  CHECK(gateway.local());
  const sms::outcome result = test::run_to_end(gateway.send(what));
  CHECK(result.what == sms::outcome::kind::accepted);
  CHECK(result.provider_id == "m-1");

  telemetry::stop_log();
  return test::content_of(directory / "log");
}

}  // namespace

TEST_CASE("the log gateway logs who and why, but neither the code nor the text nor the number (LOG-01)") {
  const std::string log = log_of_sending("+8613800138000");
  for (const std::string_view expected : {"m-1", "reset_password", "smssend", "8000"})
    CHECK(log.find(expected) != std::string::npos);
  for (const std::string_view secret : {"739184", "验证码", "13800138000", "138001"})
    CHECK(log.find(secret) == std::string::npos);
}

TEST_CASE("the log gateway does not show what is no number") {
  const std::string log = log_of_sending("739184-not-a-number");
  CHECK(log.find("m-1") != std::string::npos);
  CHECK(log.find("739184") == std::string::npos);
  CHECK(log.find("not-a-number") == std::string::npos);
}
