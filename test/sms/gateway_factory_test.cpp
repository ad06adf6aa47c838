#include "sms/gateway_factory.hpp"

#include "sms/temporary_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <system_error>

using namespace smsauth;

namespace {

using keys = std::map<std::string, std::string>;

// The gateway's name, or "KEY: what was expected".
std::string made(keys of) {
  boost::asio::io_context nowhere(1);
  sms::section section("main", std::move(of));
  try {
    const auto gateway = sms::make_gateway(section, nowhere, {});
    section.done();
    return std::string(gateway->name());
  } catch (const sms::section_error& error) {
    return error.key() + ": " + error.what();
  }
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a section's type chooses the gateway, which bears the section's name") {
  const test::temporary_directory directory;
  const std::string spool = (directory / "var/spool.jsonl").string();
  const keys all[] = {
      {{"type", "log"}},
      {{"type", "spool"}, {"path", spool}},
      {{"type", "aliyun"}, {"access-key-id", "i"}, {"access-key-secret", "s"}, {"sign-name", "n"}, {"template", "T"}},
      {{"type", "tencent"}, {"secret-id", "i"}, {"secret-key", "s"}, {"app-id", "1"}, {"template", "2"}},
      {{"type", "yunpian"}, {"api-key", "k"}},
      {{"type", "huawei"},
       {"base-url", "https://sms.example.com:8443"},
       {"app-key", "k"},
       {"app-secret", "s"},
       {"sender", "1"},
       {"template", "2"}},
      {{"type", "twilio"}, {"account-sid", "AC1"}, {"auth-token", "t"}, {"from", "+15005550006"}},
      {{"type", "vonage"}, {"api-key", "k"}, {"api-secret", "s"}, {"from", "Acme"}},
      {{"type", "webhook"},
       {"base-url", "http://127.0.0.1:9/hook"},
       {"secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}},
      {{"type", "smpp"}, {"host", "127.0.0.1"}, {"system-id", "i"}, {"password", "p"}, {"source", "Acme"}},
  };
  for (const keys& each : all) {
    CAPTURE(each.at("type"));
    CHECK(made(each) == "main");
  }
  CHECK(std::filesystem::exists(spool));
}

TEST_CASE("a section that is not whole, or says more than its gateway knows, is refused by key") {
  CHECK(has(made({}), "type: "));
  CHECK(has(made({{"type", "pigeon"}}), "type: expected spool, log, aliyun"));
  CHECK(has(made({{"type", "log"}, {"path", "x"}}), "path: unknown"));
  CHECK(has(made({{"type", "spool"}}), "path: "));
  CHECK(has(made({{"type", "yunpian"}}), "api-key: "));
  CHECK(has(made({{"type", "yunpian"}, {"api-key", "k"}, {"base-url", "http://sms.example.com"}}), "base-url: "));
  CHECK(
      made({{"type", "yunpian"}, {"api-key", "k"}, {"base-url", "http://sms.example.com"}, {"insecure-http", "on"}}) ==
      "main");
  CHECK(has(made({{"type", "yunpian"}, {"api-key", "k"}, {"ca-file", "/nowhere"}}), "ca-file: "));
  CHECK(has(made({{"type", "webhook"}, {"secret", "x"}}), "base-url: "));
  CHECK(has(made({{"type", "webhook"}, {"base-url", "http://127.0.0.1"}, {"secret", "hunter2"}}), "secret: "));
  CHECK_FALSE(has(made({{"type", "webhook"}, {"base-url", "http://127.0.0.1"}, {"secret", "hunter2"}}), "hunter2"));
  CHECK(has(made({{"type", "aliyun"},
                  {"access-key-id", "i"},
                  {"access-key-secret", "s"},
                  {"sign-name", "n"},
                  {"template.login", "T"}}),
            "template: "));
  CHECK(has(made({{"type", "twilio"}, {"account-sid", "AC1"}, {"auth-token", "t"}}), "from: "));
  CHECK(has(made({{"type", "vonage"}, {"api-key", "k"}, {"from", "A"}, {"api-secret", "s"}, {"signature-secret", "t"}}),
            "api-secret: "));
}

TEST_CASE("a spool file that cannot be opened stops the start with its path") {
  CHECK_THROWS_AS(sms::make_spool_gateway("/proc/smsauthd/spool.jsonl"), std::system_error);
  CHECK_THROWS_WITH(sms::make_spool_gateway("/proc/smsauthd/spool.jsonl"), doctest::Contains("/proc/smsauthd"));
  CHECK(sms::make_log_gateway()->name() == "log");
}
