#include "sms/gateway_factory.hpp"

#include "sms/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <system_error>

using namespace smsauth;

TEST_CASE("a setting chooses the gateway") {
  const test::temporary_directory directory;
  sms::gateway_settings settings;
  settings.type = sms::gateway_settings::kind::log;
  CHECK(sms::make_gateway(settings)->name() == "log");

  settings.type = sms::gateway_settings::kind::spool;
  settings.path = (directory / "var/spool.jsonl").string();
  CHECK(sms::make_gateway(settings)->name() == "spool");
  CHECK(std::filesystem::exists(settings.path));
}

TEST_CASE("a spool file that cannot be opened stops the start with its path") {
  sms::gateway_settings settings;
  settings.path = "/proc/smsauthd/spool.jsonl";
  CHECK_THROWS_AS(sms::make_gateway(settings), std::system_error);
  CHECK_THROWS_WITH(sms::make_gateway(settings), doctest::Contains("/proc/smsauthd"));
}
