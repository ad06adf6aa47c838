#include "app/parsed.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace smsauth::app;
using namespace smsauth::app::testing;

namespace {

/// The line for a dev start with a file of this text; "PATH" stands for the file's path.
std::string file_line(const std::string& text, const words& more = {}) {
  const scratch_folder folder;
  const std::string path = folder.file("smsauthd.conf", text);
  words arguments{"--profile", "dev", "--config", path};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::string line = line_of(arguments);
  const std::size_t at = line.find(path);
  if (at != std::string::npos) line.replace(at, path.size(), "PATH");
  return line;
}

settings from_file(const std::string& text) {
  const scratch_folder folder;
  return parsed({"--profile", "dev", "--config", folder.file("smsauthd.conf", text)});
}

}  // namespace

TEST_CASE("a file has names, values, sections and comments") {
  const settings config = from_file(
      "# a comment\n\n  code-ttl   =  60  # seconds\r\n"
      "no-proxy = on\n"
      "discuzq-access-ttl = 120\n"
      "[dialect.discuzq]\ncors-origin = https://a.example, https://b.example\ncors-origin = https://c.example\n"
      "[dialect.v4]\nget = off\npassword-max-length = 20\n"
      "[dialect.smssend]\ncode-ttl = 90\n"
      "[dialect.module]\nprefix = /m\ncircle-name = a=b\n");
  CHECK(config.service.codes.ttl_seconds == 60);
  CHECK(config.no_proxy);
  CHECK(config.service.sessions.discuzq_access_seconds == 120);
  CHECK(config.service.discuzq_cors_origins ==
        std::vector<std::string>{"https://a.example", "https://b.example", "https://c.example"});
  CHECK_FALSE(config.service.v4_get_with_secrets);
  CHECK(config.service.passwords.v4_max_length == 20);
  CHECK(config.service.codes.smssend_ttl_seconds == 90);
  CHECK(config.service.module_prefix == "/m");
  CHECK(config.service.default_circle.name == "a=b");
}

TEST_CASE("an empty file changes nothing") {
  CHECK(file_line("") == "ok");
  CHECK(file_line("\n\n# only this\n[dialect.v4]\n") == "ok");
}

TEST_CASE("a bad file is one line that names it and never shows a value") {
  struct row {
    std::string text;
    std::string line;
  };
  const std::string form = " (file:PATH): expected name = value, [section] or # comment, in UTF-8";
  const std::string hash = " (file:PATH): a # begins a comment and needs a blank before it; in a URI write %23";
  const std::string unknown = " (file:PATH): unknown setting; see smsauthd --help";
  const std::vector<row> rows{
      {"bogus = hunter2\n", "bogus" + unknown},
      {"CODE-TTL = 60\n", "CODE-TTL" + unknown},
      {"--code-ttl = 60\n", "--code-ttl" + unknown},
      {"[dialect.discuzq]\ncode-ttl = 60\n", "dialect.discuzq.code-ttl" + unknown},
      {"[dialect.v5]\nget = on\n", "dialect.v5.get" + unknown},
      {"[server]\nlisten = 127.0.0.1:1\n", "server.listen" + unknown},
      {"help = on\n", "help" + unknown},
      {"config = other.conf\n", "config (file:PATH): a file cannot name another"},
      {"code-ttl = 60\ncode-ttl = 60\n", "code-ttl (file:PATH): given twice, expected once"},
      {"v4-get = on\n[dialect.v4]\nget = off\n", "v4-get (file:PATH): given twice, expected once"},
      {"[sms.a]\ntype = log\ntype = log\n", "sms.a.type (file:PATH): given twice, expected once"},
      {"code-ttl = 60\n\nhunter2\n", "line 3" + form},
      {"= hunter2\n", "line 1" + form},
      {"[dialect.v4\n", "line 1" + form},
      {"[]\n", "line 1" + form},
      {"module-circle-name = \xFFhunter2\n", "line 1" + form},
      {std::string("code-ttl = 60\0hunter2\n", 22), "line 1" + form},
      {"db = mysql://u:hunter2#x@h/n\n", "line 1" + hash},
      {"code-ttl = 60# seconds\n", "line 1" + hash},
      {"code-ttl = 601\n", "code-ttl (file:PATH): expected a number from 0 to 600 (seconds) in profile dev"},
      {"code-ttl =\n", "code-ttl (file:PATH): expected a number from 0 to 600 (seconds) in profile dev"},
      {"code-ttl = \"60\"\n", "code-ttl (file:PATH): expected a number from 0 to 600 (seconds) in profile dev"},
      {"no-proxy = true\n", "no-proxy (file:PATH): expected on or off"},
      {"sms.x = hunter2\n", "sms.x (file:PATH): expected name = value in a section [sms.NAME]"},
  };
  for (const row& r : rows) {
    CAPTURE(r.text);
    const std::string line = file_line(r.text);
    CHECK(line == r.line);
    CHECK(line.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a file of more than a mebibyte is not read") {
  CHECK(file_line(std::string(1024 * 1024, '\n')) == "ok");
  CHECK(file_line(std::string(1024 * 1024 + 1, '\n')) ==
        "config (flag): expected a readable file of at most 1 MiB: PATH");
}

TEST_CASE("a gateway section chooses spool or log") {
  const settings spool = from_file("sms = main\n[sms.main]\ntype = spool\npath = s.jsonl\n");
  CHECK(spool.sms.kind == sms_settings::gateway::spool);
  CHECK(spool.sms.path == "s.jsonl");
  CHECK(spool.sms.name == "main");
  CHECK(spool.service.code_echo);
  CHECK(from_file("sms = l\n[sms.l]\ntype = log\n").sms.kind == sms_settings::gateway::log);
  const settings kept = from_file("[sms.later]\ntype = aliyun\nkey = hunter2\n");
  CHECK(kept.sms.kind == sms_settings::gateway::spool);  // dev's default
  CHECK(kept.sms.sections.gateways.at("later").at("key") == "hunter2");
}

TEST_CASE("a section that the file does not have is refused") {
  for (const char* text : {"sms = main\n", "sms = main\n[sms.other]\ntype = log\n"}) {
    CHECK(file_line(text) ==
          "sms (file:PATH): expected spool:PATH, log:, or the name of a section [sms.NAME] of the config file");
  }
}

TEST_CASE("sections of messages keep what they are given, with dots in keys and in the order of the file") {
  const settings read = from_file(
      "[sms.main]\ntemplate.login.zh = SMS_1\n[routes]\nb = x -> y\na = z\n[texts]\nsignature = S\n"
      "[prices]\nCN = 0.045 CNY\n[review-numbers]\n+8613800138000 = 123456 until 2030-01-01\n");
  CHECK(read.sms.sections.gateways.at("main").at("template.login.zh") == "SMS_1");
  REQUIRE(read.sms.sections.routes.size() == 2);
  CHECK(read.sms.sections.routes[0].first == "b");
  CHECK(read.sms.sections.routes[0].second == "x -> y");
  CHECK(read.sms.sections.texts.at("signature") == "S");
  CHECK(read.sms.sections.prices.at("CN") == "0.045 CNY");
  CHECK(read.sms.sections.review_numbers.at("+8613800138000") == "123456 until 2030-01-01");
  CHECK(file_line("[routes]\na = x\na = y\n").find("given twice") != std::string::npos);
}
