#include "app/options.hpp"

#include "app/parsed.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

using namespace smsauth;
using namespace smsauth::app;
using namespace smsauth::app::testing;

namespace {

std::string effective_text(const settings& config) {
  std::ostringstream out;
  print_effective(out, config);
  return out.str();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("dev starts without a word, on loopback, with code echo and no address limits") {
  const settings config = parsed({"--profile", "dev"});
  CHECK(config.command == command::serve);
  CHECK(config.profile == profile::dev);
  CHECK(config.listen.text() == "127.0.0.1:8080");
  REQUIRE(config.admin_listen.has_value());
  CHECK(config.admin_listen->text() == "127.0.0.1:9090");
  CHECK(config.database.store.flavor == store::sql_flavor::sqlite);
  CHECK(config.database.store.path == "var/smsauthd.db");
  CHECK(config.database.lanes == 1);
  CHECK(config.sms.kind == sms_settings::gateway::spool);
  CHECK(config.sms.path == "var/spool.jsonl");
  CHECK(config.secret_file == "var/secret.key");
  CHECK(config.threads >= 1);
  CHECK(config.hash_threads >= 1);
  CHECK(config.service.code_echo);
  CHECK_FALSE(config.service.address_limits);
  CHECK(config.service.phones.countries.empty());
  CHECK(config.service.public_url == "http://127.0.0.1:8080");
  CHECK(config.log.file.empty());
}

TEST_CASE("standard has the numbers of the product contract") {
  const settings config = parsed(complete_line("standard"));
  const core::code_limits expected;
  const core::code_limits& codes = config.service.codes;
  CHECK(codes.ttl_seconds == expected.ttl_seconds);
  CHECK(codes.smssend_ttl_seconds == expected.smssend_ttl_seconds);
  CHECK(codes.resend_gap_seconds == expected.resend_gap_seconds);
  CHECK(codes.smssend_resend_gap_seconds == expected.smssend_resend_gap_seconds);
  CHECK(codes.wrong_tries_per_code == expected.wrong_tries_per_code);
  CHECK(codes.wrong_tries_per_day == expected.wrong_tries_per_day);
  CHECK(codes.phone_sends_per_hour == expected.phone_sends_per_hour);
  CHECK(codes.phone_sends_per_day == expected.phone_sends_per_day);
  CHECK(codes.address_sends_per_hour == expected.address_sends_per_hour);
  CHECK(codes.address_sends_per_day == expected.address_sends_per_day);
  CHECK(codes.address_lookups_per_hour == expected.address_lookups_per_hour);
  CHECK(codes.grant_seconds == expected.grant_seconds);
  CHECK(codes.rebind_proof_seconds == expected.rebind_proof_seconds);
  CHECK(codes.bind_token_seconds == expected.bind_token_seconds);
  const core::password_limits passwords;
  CHECK(config.service.passwords.min_length == passwords.min_length);
  CHECK(config.service.passwords.max_length == passwords.max_length);
  CHECK(config.service.passwords.v4_min_length == passwords.v4_min_length);
  CHECK(config.service.passwords.v4_max_length == passwords.v4_max_length);
  CHECK(config.service.passwords.free_failures == passwords.free_failures);
  CHECK(config.service.passwords.first_delay_seconds == passwords.first_delay_seconds);
  CHECK(config.service.passwords.max_delay_seconds == passwords.max_delay_seconds);
  CHECK(config.service.passwords.pay_password_tries == passwords.pay_password_tries);
  CHECK_FALSE(config.service.passwords.blocklist);
  const core::session_limits sessions;
  CHECK(config.service.sessions.discuzq_access_seconds == sessions.discuzq_access_seconds);
  CHECK(config.service.sessions.module_access_seconds == sessions.module_access_seconds);
  CHECK(config.service.sessions.v4_access_seconds == sessions.v4_access_seconds);
  CHECK(config.service.sessions.smssend_access_seconds == sessions.smssend_access_seconds);
  CHECK(config.service.sessions.refresh_seconds == sessions.refresh_seconds);
  CHECK(config.service.sessions.refresh_grace_seconds == sessions.refresh_grace_seconds);
  CHECK(config.service.phones.countries == std::vector<std::string>{"CN"});
  CHECK(config.service.address_limits);
  CHECK(config.service.argon2_memory_kib == 19456);
  CHECK(config.service.argon2_iterations == 2);
  CHECK(config.service.v4_get_with_secrets);
  CHECK_FALSE(config.service.v4_register_code_optional);
  CHECK_FALSE(config.service.uniform_answers);
  CHECK_FALSE(config.service.code_echo);
  CHECK_FALSE(config.service.discuzq_rs256);
  CHECK(config.service.registration == service::registration_mode::open);
}

TEST_CASE("the HTTP limits and the log have the defaults of their structs") {
  const settings config = parsed(complete_line("standard"));
  const core::http_limits http;
  CHECK(config.http.header_bytes == http.header_bytes);
  CHECK(config.http.body_bytes == http.body_bytes);
  CHECK(config.http.target_bytes == http.target_bytes);
  CHECK(config.http.json_depth == http.json_depth);
  CHECK(config.http.fields == http.fields);
  CHECK(config.http.header_timeout_ms == http.header_timeout_ms);
  CHECK(config.http.body_timeout_ms == http.body_timeout_ms);
  CHECK(config.http.handler_timeout_ms == http.handler_timeout_ms);
  CHECK(config.http.write_timeout_ms == http.write_timeout_ms);
  CHECK(config.http.idle_timeout_ms == http.idle_timeout_ms);
  CHECK(config.http.connections == http.connections);
  CHECK(config.http.connections_per_address == http.connections_per_address);
  CHECK(config.http.pipelined_requests == http.pipelined_requests);
  const telemetry::log_settings log;
  CHECK(config.log.level == log.level);
  CHECK(config.log.format == log.format);
  CHECK(config.log.queue_lines == log.queue_lines);
}

TEST_CASE("strict asks for more of passwords and tells less") {
  const settings config = parsed(complete_line("strict"));
  CHECK(config.service.uniform_answers);
  CHECK_FALSE(config.service.v4_get_with_secrets);
  CHECK(config.service.passwords.blocklist);
  CHECK(config.service.passwords.min_length == 8);
  CHECK(config.service.passwords.max_length == 128);
  CHECK(config.service.passwords.v4_min_length == 8);
  CHECK(config.service.passwords.v4_max_length == 128);
}

TEST_CASE("choices reach their fields") {
  const settings config = parsed(complete_line("standard", {"--registration",
                                                            "closed",
                                                            "--discuzq-jwt-algorithm",
                                                            "rs256",
                                                            "--v4-register-code",
                                                            "optional",
                                                            "--v4-get",
                                                            "off",
                                                            "--uniform-answers",
                                                            "on",
                                                            "--strict-mainland",
                                                            "on",
                                                            "--log-level",
                                                            "error",
                                                            "--log-format",
                                                            "json",
                                                            "--discuzq-unknown-number-code",
                                                            "not_found_user",
                                                            "--admin-listen",
                                                            "off",
                                                            "--trusted-proxy",
                                                            "10.0.0.0/8,::1",
                                                            "--trusted-proxy",
                                                            "192.0.2.1",
                                                            "--countries",
                                                            "CN, PH",
                                                            "--discuzq-cors-origin",
                                                            "https://m.example.com",
                                                            "--module-circle-name",
                                                            "kevin社圈",
                                                            "--module-prefix",
                                                            "/m",
                                                            "--username-prefix",
                                                            "ab",
                                                            "--public-url",
                                                            "https://api.example.com",
                                                            "--db-init-sql",
                                                            "SET a=1, b=2; SET c=3;"}));
  CHECK(config.service.registration == service::registration_mode::closed);
  CHECK(config.service.discuzq_rs256);
  CHECK(config.service.v4_register_code_optional);
  CHECK_FALSE(config.service.v4_get_with_secrets);
  CHECK(config.service.uniform_answers);
  CHECK(config.service.phones.strict_mainland);
  CHECK(config.log.level == telemetry::log_level::error);
  CHECK(config.log.format == telemetry::log_format::json);
  CHECK(config.service.discuzq_unknown_number_code == "not_found_user");
  CHECK_FALSE(config.admin_listen.has_value());
  CHECK(config.trusted_proxies == std::vector<std::string>{"10.0.0.0/8", "::1", "192.0.2.1"});
  CHECK(config.service.phones.countries == std::vector<std::string>{"CN", "PH"});
  CHECK(config.service.discuzq_cors_origins == std::vector<std::string>{"https://m.example.com"});
  CHECK(config.service.default_circle.name == "kevin社圈");
  CHECK(config.service.module_prefix == "/m");
  CHECK(config.service.username_prefix == "ab");
  CHECK(config.service.public_url == "https://api.example.com");
  CHECK(config.database.store.init_sql == std::vector<std::string>{"SET a=1, b=2", "SET c=3"});
  CHECK(parsed(complete_line("standard", {"--registration", "approval"})).service.registration ==
        service::registration_mode::approval);
}

TEST_CASE("commands are words, help and version are flags") {
  CHECK(parsed({"--profile", "dev", "serve"}).command == command::serve);
  CHECK(parsed({"migrate", "--profile", "dev"}).command == command::migrate);
  CHECK(parsed({"--profile", "dev", "check-config"}).command == command::check_config);
  CHECK(parsed({"rotate-keys", "--profile=dev"}).command == command::rotate_keys);
  CHECK(parsed({"--help"}).command == command::help);
  CHECK(parsed({"--version"}).command == command::version);
  CHECK(parsed({"migrate", "--help"}).command == command::help);
  CHECK(parsed({"--help"}, {{"SMSAUTHD_PROFILE", "nonsense"}}).command == command::help);
}

TEST_CASE("commands want only what they use") {
  CHECK(line_of({"migrate", "--db", "sqlite:x"}) == "ok");
  CHECK(line_of({"rotate-keys", "--db", "sqlite:x", "--secret-file", "k"}) == "ok");
  CHECK(line_of({"migrate"}).starts_with("db (not given): expected sqlite:PATH or mysql://"));
  CHECK(line_of({"rotate-keys", "--db", "sqlite:x"}).starts_with("secret-file (not given): "));
  CHECK(line_of({"--db", "sqlite:x", "--secret-file", "k"}).starts_with("sms (not given): expected spool:PATH"));
  CHECK(line_of({"check-config", "--db", "sqlite:x", "--secret-file", "k"}).starts_with("sms (not given): "));
  CHECK(parsed({"migrate", "--db", "sqlite:x"}).sms.kind == sms_settings::gateway::none);
}

TEST_CASE("a bad command line is one line with setting, source and what was expected") {
  struct row {
    words arguments;  // after --profile dev
    std::string line;
  };
  const std::string unknown = " (flag): unknown setting; see smsauthd --help";
  const std::string commands =
      " (command line): expected at most one of serve, migrate, check-config, rotate-keys, messages, deliveries, and "
      "flags with two "
      "dashes";
  const std::vector<row> rows{
      {{"--bogus"}, "bogus" + unknown},
      {{"--bogus=hunter2"}, "bogus" + unknown},
      {{"--bogus", "hunter2"}, "bogus" + unknown},
      {{"--code-tt", "60"}, "code-tt" + unknown},
      {{"--CODE-TTL", "60"}, "CODE-TTL" + unknown},
      {{"--code_ttl", "60"}, "code_ttl" + unknown},
      {{"--command word", "serve"}, "command word" + unknown},
      {{"--evil\nline"}, "evil?line" + unknown},
      {{"trailing"}, "trailing" + commands},
      {{"migrate", "correct-horse-battery-staple"}, "command" + commands},
      {{"-p", "dev"}, "-p" + commands},
      {{"hunter2"}, "command" + commands},
      {{"serve", "migrate"}, "migrate" + commands},
      {{"-profile=dev"}, "command" + commands},
      {{""}, "command" + commands},
      {{"--code-ttl"}, "code-ttl (flag): expected a value"},
      {{"--code-ttl="}, "code-ttl (flag): expected a value"},
      {{"--log-file", "--no-proxy"}, "log-file (flag): expected a value"},
      {{"--no-proxy=off"}, "no-proxy (flag): takes no value"},
      {{"--code-ttl", "60", "--code-ttl", "60"}, "code-ttl (flag): given twice, expected once"},
      {{"--no-proxy", "--no-proxy"}, "no-proxy (flag): given twice, expected once"},
      {{"--profile", "dev"}, "profile (flag): given twice, expected once"},
      {{"--config", "/nonexistent/smsauthd.conf"},
       "config (flag): expected a readable file of at most 1 MiB: /nonexistent/smsauthd.conf"},
      {{"--config", "/"}, "config (flag): expected a readable file of at most 1 MiB: /"},
      {{"--code-ttl", "601"}, "code-ttl (flag): expected a number from 0 to 600 (seconds) in profile dev"},
      {{"--code-ttl", "5m"}, "code-ttl (flag): expected a number from 0 to 600 (seconds) in profile dev"},
      {{"--code-ttl", "-1"}, "code-ttl (flag): expected a number from 0 to 600 (seconds) in profile dev"},
      {{"--log-level", "INFO"}, "log-level (flag): expected one of debug, info, warning, error"},
      {{"--log-level", ""}, "log-level (flag): expected one of debug, info, warning, error"},
      {{"--log-level", "debug|info"}, "log-level (flag): expected one of debug, info, warning, error"},
      {{"--secret-file", ""}, "secret-file (flag): expected the path of a file; profile dev has no default"},
      {{"--secret-file", "a\nb"}, "secret-file (flag): expected the path of a file"},
      {{"--db", "postgres://u:hunter2@h/n"},
       "db (flag): expected sqlite:PATH or mysql://user:password@host:port/name[?socket=PATH], with reserved "
       "characters percent-encoded"},
      {{"--trusted-proxy", "10.0.0.0/33"}, "trusted-proxy (flag): expected a list of CIDR or IP address"},
      {{"--trusted-proxy", "10.0.0.1,,::1"}, "trusted-proxy (flag): expected a list of CIDR or IP address"},
      {{"--trusted-proxy", "proxy.example.com"}, "trusted-proxy (flag): expected a list of CIDR or IP address"},
      {{"--countries", "cn"}, "countries (flag): expected a list of regions such as CN, PH, or all alone"},
      {{"--countries", "all,CN"}, "countries (flag): expected a list of regions such as CN, PH, or all alone"},
      {{"--countries", ""}, "countries (flag): expected a list of regions such as CN, PH, or all alone"},
      {{"--sms", "spool:"}, "sms (flag): expected spool:PATH, log:, or the name of a section [sms.NAME]"},
      {{"--sms", "smtp:x"}, "sms (flag): expected spool:PATH, log:, or the name of a section [sms.NAME]"},
      {{"--sms", "aliyun"},
       "sms (flag): expected spool:PATH, log:, or the name of a section [sms.NAME] of the config file"},
      {{"--module-prefix", "/api/v4.0"}, "module-prefix (flag): expected a path such as /module/main, not under /api"},
      {{"--username-prefix", "abc"}, "username-prefix (flag): expected two letters, digits or _"},
      {{"--discuzq-cors-origin", "*"},
       "discuzq-cors-origin (flag): expected a list of origins such as https://m.example.com"},
      {{"--public-url", "https://h/"},
       "public-url (flag): expected http(s)://HOST[:PORT][/PATH] without a slash at its end"},
      {{"--db-pool", "2", "--db", "mysql://u@h/n", "--db-lanes", "3"},
       "db-lanes (flag): expected at most the sessions of db-pool"},
      {{"--db-lanes", "2"}, "db-lanes (flag): SQLite has one writer, expected 0 or 1"},
      {{"--password-min-length", "60"}, "password-max-length (default[dev]): expected at least password-min-length"},
      {{"--v4-password-max-length", "5"}, "v4-password-max-length (flag): expected at least v4-password-min-length"},
      {{"--password-first-delay", "900", "--password-max-delay", "60"},
       "password-max-delay (flag): expected at least password-first-delay"},
      {{"--no-proxy", "--trusted-proxy", "::1"}, "no-proxy (flag): contradicts trusted-proxy, expected one of them"},
      {{"--listen", "127.0.0.1:9090"}, "admin-listen (default[dev]): expected another address than that of listen"},
  };
  for (const row& r : rows) {
    words arguments{"--profile", "dev"};
    arguments.insert(arguments.end(), r.arguments.begin(), r.arguments.end());
    CAPTURE(r.line);
    const std::string line = line_of(arguments);
    CHECK(line == r.line);
    CHECK_FALSE(contains(line, "hunter2"));
    CHECK_FALSE(contains(line, "\n"));
  }
}

TEST_CASE("numbers and lists that only look odd are taken") {
  CHECK(line_of({"--profile", "dev", "--code-ttl", "0060"}) == "ok");
  CHECK(line_of({"--profile", "dev", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}) == "ok");
  CHECK(line_of({"--profile", "dev", "--log-file=--odd"}) == "ok");
  CHECK(line_of({"--profile", "dev", "--log-file", ""}) == "ok");
  CHECK(line_of({"--profile", "dev", "--trusted-proxy", ""}) == "ok");
  CHECK(line_of({"--profile", "dev", "--", "serve"}) == "ok");
}

TEST_CASE("a port that the system picks stays out of the issuer") {
  CHECK(parsed({"--profile", "dev", "--listen", "127.0.0.1:0"}).service.public_url == "http://127.0.0.1");
  CHECK(parsed({"--profile", "dev", "--listen", "[::1]:0"}).service.public_url == "http://[::1]");
  CHECK(parsed({"--profile", "dev", "--listen", "[::1]:81"}).service.public_url == "http://[::1]:81");
}

TEST_CASE("flags go before the environment, the environment before the file, the file before the profile") {
  const scratch_folder folder;
  const std::string file = folder.file("a.conf",
                                       "code-ttl = 100\nresend-gap = 100\ngrace-seconds = 100\n"
                                       "trusted-proxy = 10.0.0.1\ntrusted-proxy = 10.0.0.2\n");
  const environment env{{"SMSAUTHD_CODE_TTL", "200"},
                        {"SMSAUTHD_RESEND_GAP", "200"},
                        {"SMSAUTHD_PROFILE", "dev"},
                        {"SMSAUTHD_CONFIG", file},
                        {"PATH", "/bin"},
                        {"smsauthd_bogus", "1"}};
  const settings config = parsed({"--code-ttl", "300", "--trusted-proxy", "10.0.0.3"}, env);
  CHECK(config.service.codes.ttl_seconds == 300);
  CHECK(config.service.codes.resend_gap_seconds == 200);
  CHECK(config.grace_seconds == 100);
  CHECK(config.hash_queue == 64);
  // A list of a higher source replaces the lower one, it does not add to it.
  CHECK(config.trusted_proxies == std::vector<std::string>{"10.0.0.3"});
  CHECK(parsed({}, env).trusted_proxies == std::vector<std::string>{"10.0.0.1", "10.0.0.2"});
  CHECK(source_of(config, "code-ttl") == "flag");
  CHECK(source_of(config, "resend-gap") == "environment SMSAUTHD_RESEND_GAP");
  CHECK(source_of(config, "grace-seconds") == "file:" + file);
  CHECK(source_of(config, "hash-queue") == "default[dev]");
  // --config names the file before the environment does.
  const std::string other = folder.file("b.conf", "grace-seconds = 50\n");
  CHECK(parsed({"--config", other}, env).grace_seconds == 50);
}

TEST_CASE("the profile may come from any source and decides the defaults") {
  const scratch_folder folder;
  const std::string dev = folder.file("dev.conf", "profile = dev\n");
  CHECK(parsed({"--config", dev}).profile == profile::dev);
  CHECK(parsed({"--config", dev}).service.codes.address_sends_per_hour == 0);
  CHECK(parsed(complete_line("strict", {"--config", dev})).profile == profile::strict);
  CHECK(parsed({"--db", "sqlite:x", "--sms", "log:", "--secret-file", "k"}).profile == profile::standard);
  CHECK(line_of({}, {{"SMSAUTHD_PROFILE", "prod"}}) ==
        "profile (environment SMSAUTHD_PROFILE): expected one of dev, standard, strict");
}

TEST_CASE("the environment is held to the same names and values") {
  const words dev{"--profile", "dev"};
  CHECK(line_of(dev, {{"SMSAUTHD_BOGUS", "hunter2"}}) ==
        "SMSAUTHD_BOGUS (environment SMSAUTHD_BOGUS): unknown setting; see smsauthd --help");
  CHECK(line_of(dev, {{"SMSAUTHD_code_ttl", "60"}}).starts_with("SMSAUTHD_code_ttl (environment SMSAUTHD_code_ttl)"));
  CHECK(line_of(dev, {{"SMSAUTHD_HELP", "1"}}).starts_with("SMSAUTHD_HELP (environment SMSAUTHD_HELP): unknown"));
  CHECK(line_of(dev, {{"SMSAUTHD_CODE_TTL", "601"}}) ==
        "code-ttl (environment SMSAUTHD_CODE_TTL): expected a number from 0 to 600 (seconds) in profile dev");
  CHECK(line_of(dev, {{"SMSAUTHD_NO_PROXY", "yes"}}) == "no-proxy (environment SMSAUTHD_NO_PROXY): expected on or off");
  CHECK(parsed(dev, {{"SMSAUTHD_NO_PROXY", "on"}}).no_proxy);
  CHECK_FALSE(parsed(dev, {{"SMSAUTHD_NO_PROXY", "off"}}).no_proxy);
}

TEST_CASE("the process environment is read as it is") {
  const char* const envp[] = {"A=1", "B=x=y", "C=", "odd", nullptr};
  CHECK(process_environment(envp) == environment{{"A", "1"}, {"B", "x=y"}, {"C", ""}});
  CHECK(process_environment(nullptr).empty());
}

TEST_CASE("profiles have the listeners that the contract allows") {
  const std::string dev_line = ": profile dev listens on loopback only, expected 127.0.0.1:PORT or [::1]:PORT";
  CHECK(line_of({"--profile", "dev", "--listen", "0.0.0.0:8080"}) == "listen (flag)" + dev_line);
  CHECK(line_of({"--profile", "dev", "--listen", "[::]:8080", "--no-proxy"}) == "listen (flag)" + dev_line);
  CHECK(line_of({"--profile", "dev", "--admin-listen", "192.0.2.1:1"}) == "admin-listen (flag)" + dev_line);
  CHECK(line_of({"--profile", "dev", "--listen", "[::1]:8080"}) == "ok");
  for (const char* profile : {"standard", "strict"}) {
    CAPTURE(profile);
    CHECK(line_of(complete_line(profile, {"--listen", "0.0.0.0:8080"})) ==
          "listen (flag): a public address needs --trusted-proxy CIDR, or --no-proxy when clients connect directly");
    CHECK(line_of(complete_line(profile, {"--listen", "0.0.0.0:8080", "--no-proxy"})) == "ok");
    CHECK(line_of(complete_line(profile, {"--listen", "[::]:8080", "--trusted-proxy", "10.0.0.0/8"})) == "ok");
    CHECK(line_of(complete_line(profile, {"--admin-listen", "192.0.2.1:1"})) == "ok");
    CHECK(line_of(complete_line(profile)) == "ok");
  }
}

TEST_CASE("strict cannot be loosened") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"v4-register-code", "optional"}, {"v4-get", "on"}, {"uniform-answers", "off"}, {"password-blocklist", "off"}};
  for (const auto& [name, value] : rows) {
    CAPTURE(name);
    CHECK(line_of(complete_line("strict", {"--" + name, value}))
              .starts_with(name + " (flag): profile strict allows only "));
    CHECK(line_of(complete_line("standard", {"--" + name, value})) == "ok");
  }
  CHECK(line_of(complete_line("strict", {"--password-min-length", "7"})) ==
        "password-min-length (flag): profile strict expects at least 8");
  CHECK(line_of(complete_line("strict", {"--v4-password-min-length", "7"})) ==
        "v4-password-min-length (flag): profile strict expects at least 8");
}

TEST_CASE("codes are echoed in dev alone") {
  CHECK(parsed({"--profile", "dev", "--code-echo", "on"}).service.code_echo);
  CHECK(parsed({"--profile", "dev", "--sms", "log:"}).service.code_echo);
  CHECK_FALSE(parsed({"--profile", "dev", "--code-echo", "off"}).service.code_echo);
  for (const char* profile : {"standard", "strict"}) {
    CHECK(line_of(complete_line(profile, {"--code-echo", "on"}))
              .starts_with("code-echo (flag): codes are shown only in profile dev"));
    CHECK_FALSE(parsed(complete_line(profile)).service.code_echo);
  }
}

TEST_CASE("no limit and small values exist in dev alone") {
  for (const char* name : {"code-ttl", "resend-gap", "phone-sends-per-hour", "phone-sends-per-day", "ip-sends-per-hour",
                           "ip-sends-per-day", "wrong-tries-per-code", "wrong-tries-per-day"}) {
    CAPTURE(name);
    const std::string flag = "--" + std::string(name);
    CHECK(line_of({"--profile", "dev", flag, "0"}) == "ok");
    CHECK(line_of({"--profile", "dev", flag, "1"}) == "ok");
    for (const char* profile : {"standard", "strict"}) {
      const std::string line = line_of(complete_line(profile, {flag, "0"}));
      CHECK(line.starts_with(std::string(name) + " (flag): expected a number from "));
      CHECK(line.ends_with("; 0 = no limit only in profile dev"));
    }
  }
  CHECK(parsed({"--profile", "dev", "--ip-sends-per-hour", "3"}).service.address_limits);
}

TEST_CASE("hashing may be cheap in dev alone") {
  CHECK(line_of({"--profile", "dev", "--argon2-memory", "8", "--argon2-iterations", "1"}) == "ok");
  CHECK(line_of(complete_line("standard", {"--argon2-memory", "7168", "--argon2-iterations", "5"})) == "ok");
  CHECK(line_of(complete_line("standard", {"--argon2-iterations", "1"})) ==
        "argon2-memory (default[standard]): expected argon2-memory x argon2-iterations of at least 35840 KiB");
}

TEST_CASE("write lanes follow the engine and the pool") {
  const auto database = [](const words& more) {
    words line = {"--profile", "dev", "--db", "mysql://u:p@h/n"};
    line.insert(line.end(), more.begin(), more.end());
    return parsed(line).database;
  };
  CHECK(database({}).lanes == 2);
  CHECK(database({}).store.write_sessions == 2);
  CHECK(database({}).store.read_sessions == 2);
  CHECK(database({"--db-pool", "1"}).lanes == 1);
  CHECK(database({"--db-pool", "1"}).store.read_sessions == 1);
  CHECK(database({"--db-pool", "8", "--db-lanes", "5"}).store.read_sessions == 3);
  CHECK(parsed({"--profile", "dev"}).database.store.read_sessions == 3);
}

TEST_CASE("check-config shows every value and its source, and no secret") {
  const scratch_folder folder;
  const std::string file = folder.file("a.conf",
                                       "db = mysql://app:hunter2%21@db.example/app\nsms = main\n"
                                       "[dialect.v4]\nregister-code = optional\n"
                                       "[sms.main]\ntype = spool\npath = s.jsonl\n"
                                       "[sms.later]\ntype = aliyun\naccess-key = hunter2\n");
  const settings config = parsed({"check-config", "--config", file, "--secret-file", "k", "--code-ttl", "60"},
                                 {{"SMSAUTHD_RESEND_GAP", "90"}});
  CHECK(config.database.store.password == "hunter2!");
  const std::string text = effective_text(config);
  CHECK_FALSE(contains(text, "hunter2"));
  CHECK(contains(text, "mysql://app:****@db.example:3306/app"));
  for (const effective_value& value : config.effective)
    CHECK(contains("\n" + text, "\n" + value.name + " "));
  std::istringstream lines(text);
  std::vector<std::vector<std::string>> found;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line);
    std::vector<std::string> parts;
    for (std::string part; columns >> part;)
      parts.push_back(part);
    for (const char* name : {"code-ttl", "resend-gap", "v4-register-code", "hash-queue", "sms.later.access-key"}) {
      if (parts.front() == name) found.push_back(parts);
    }
  }
  const std::vector<std::vector<std::string>> expected{{"hash-queue", "64", "default[standard]"},
                                                       {"code-ttl", "60", "flag"},
                                                       {"resend-gap", "90", "environment", "SMSAUTHD_RESEND_GAP"},
                                                       {"v4-register-code", "optional", "file:" + file},
                                                       {"sms.later.access-key", "****", "file"}};
  CHECK(found == expected);
}
