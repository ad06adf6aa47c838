#include "app/options_rules.hpp"

#include "app/database_uri.hpp"
#include "app/option_values.hpp"
#include "app/options.hpp"
#include "app/options_table.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

namespace smsauth::app {
namespace {

using gateway = sms_settings::gateway;

/// Argon2id with p = 1: OWASP's weakest equivalent is 7168 KiB x 5 passes.
constexpr std::uint64_t min_argon2_kib_passes = 35'840;
constexpr std::size_t min_strict_password_length = 8;
constexpr std::size_t mysql_write_lanes = 2;

/// Profile strict is a promise: what it switches cannot be switched back.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> strict_values{
    {{"v4-register-code", "required"}, {"v4-get", "off"}, {"uniform-answers", "on"}, {"password-blocklist", "on"}}};

const effective_value& effective(const settings& config, std::string_view name) {
  return *std::find_if(config.effective.begin(), config.effective.end(),
                       [&](const effective_value& value) { return value.name == name; });
}

void require(bool holds, const settings& config, std::string_view name, const std::string& expected) {
  if (!holds) throw configuration_error(std::string(name), source_of(config, name), expected);
}

void check_given(const settings& config, std::string_view name) {
  const effective_value& value = effective(config, name);
  if (!value.shown.empty()) return;
  const std::string source = value.source.starts_with("default[") ? "not given" : value.source;
  const std::string profile_name(to_string(config.profile));
  throw configuration_error(
      std::string(name), source,
      expected_value(*find_option(name), config.profile) + "; profile " + profile_name + " has no default");
}

bool serves(const settings& config) {
  return config.command == command::serve || config.command == command::check_config;
}

void check_required(const settings& config) {
  check_given(config, "db");
  const bool reads = config.command == command::messages || config.command == command::deliveries;
  if (config.command != command::migrate && !reads) check_given(config, "secret-file");
  if (serves(config)) check_given(config, "sms");
}

void check_listeners(const settings& config) {
  const std::string loopback = "profile dev listens on loopback only, expected 127.0.0.1:PORT or [::1]:PORT";
  const bool dev = config.profile == profile::dev;
  require(!dev || config.listen.loopback(), config, "listen", loopback);
  require(!dev || !config.admin_listen || config.admin_listen->loopback(), config, "admin-listen", loopback);
  require(config.listen.loopback() || config.no_proxy || !config.trusted_proxies.empty(), config, "listen",
          "a public address needs --trusted-proxy CIDR, or --no-proxy when clients connect directly");
  require(!config.no_proxy || config.trusted_proxies.empty(), config, "no-proxy",
          "contradicts trusted-proxy, expected one of them");
  require(!config.admin_listen || config.listen.port == 0 || *config.admin_listen != config.listen, config,
          "admin-listen", "expected another address than that of listen");
}

void check_database(const settings& config) {
  const database_settings& database = config.database;
  require(database.lanes <= database.pool, config, "db-lanes", "expected at most the sessions of db-pool");
  require(database.lanes <= 1 || database.store.flavor == store::sql_flavor::mysql, config, "db-lanes",
          "SQLite has one writer, expected 0 or 1");
}

void check_section(const settings& config) {
  require(config.sms.sections.gateways.contains(config.sms.name), config, "sms",
          "expected spool:PATH, log:, or the name of a section [sms.NAME] of the config file");
}

void check_passwords(const settings& config) {
  const core::password_limits& passwords = config.service.passwords;
  require(passwords.min_length <= passwords.max_length, config, "password-max-length",
          "expected at least password-min-length");
  require(passwords.v4_min_length <= passwords.v4_max_length, config, "v4-password-max-length",
          "expected at least v4-password-min-length");
  require(passwords.first_delay_seconds <= passwords.max_delay_seconds, config, "password-max-delay",
          "expected at least password-first-delay");
  const std::uint64_t work = std::uint64_t{config.service.argon2_memory_kib} * config.service.argon2_iterations;
  require(config.profile == profile::dev || work >= min_argon2_kib_passes, config, "argon2-memory",
          "expected argon2-memory x argon2-iterations of at least " + std::to_string(min_argon2_kib_passes) + " KiB");
}

void check_strict(const settings& config) {
  if (config.profile != profile::strict) return;
  for (const auto& [name, value] : strict_values) {
    require(effective(config, name).shown == value, config, name, "profile strict allows only " + std::string(value));
  }
  const std::string length = "profile strict expects at least " + std::to_string(min_strict_password_length);
  const core::password_limits& passwords = config.service.passwords;
  require(passwords.min_length >= min_strict_password_length, config, "password-min-length", length);
  require(passwords.v4_min_length >= min_strict_password_length, config, "v4-password-min-length", length);
}

void check_countries(const settings& config) {
  const auto& countries = config.service.phones.countries;
  const bool all = std::find(countries.begin(), countries.end(), "all") != countries.end();
  // An empty list would mean every country: that takes the word.
  require(!countries.empty() && (!all || countries.size() == 1), config, "countries",
          expected_value(*find_option("countries"), config.profile));
}

void check_code_echo(const settings& config) {
  if (config.code_echo != settings::echo::on) return;
  // Every gateway of this release is the spool or the log one; check_section refuses others.
  require(config.profile == profile::dev && config.listen.loopback(), config, "code-echo",
          "codes are shown only in profile dev, on loopback, with the spool or log gateway; expected auto or off");
}

std::size_t threads_or_auto(std::size_t asked) {
  if (asked > 0) return asked;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2);
}

void show(settings& config, std::string_view name, std::string text) {
  const auto found = std::find_if(config.effective.begin(), config.effective.end(),
                                  [&](const effective_value& value) { return value.name == name; });
  found->shown = std::move(text);
}

// A section that is no more than a spool file or the log is the same as spool: or log:, unless routes need it.
void complete_sms(settings& config) {
  sms_settings& sms = config.sms;
  if (!sms.sections.routes.empty()) sms.kind = gateway::section;
  if (sms.name.empty()) return;
  const auto found = sms.sections.gateways.find(sms.name);
  if (found == sms.sections.gateways.end()) return;  // a command that sends nothing
  const sms_sections::section& keys = found->second;
  const auto text = [&](const char* key) {
    const auto at = keys.find(key);
    return at == keys.end() ? std::string() : at->second;
  };
  sms.kind = gateway::section;
  if (!sms.sections.routes.empty()) return;
  if (text("type") == "log" && keys.size() == 1) sms.kind = gateway::log;
  if (text("type") == "spool" && keys.size() == 2 && !text("path").empty()) {
    sms.kind = gateway::spool;
    sms.path = text("path");
  }
}

}  // namespace

void check_rules(const settings& config) {
  check_required(config);
  check_listeners(config);
  check_database(config);
  if (serves(config) && !config.sms.name.empty()) check_section(config);
  check_passwords(config);
  check_strict(config);
  check_countries(config);
  check_code_echo(config);
}

void complete(settings& config) {
  config.threads = threads_or_auto(config.threads);
  show(config, "threads", std::to_string(config.threads));
  config.hash_threads = threads_or_auto(config.hash_threads);
  show(config, "hash-threads", std::to_string(config.hash_threads));

  database_settings& database = config.database;
  show(config, "db", masked(database.store));
  if (database.lanes == 0) {
    const bool sqlite = database.store.flavor == store::sql_flavor::sqlite;
    database.lanes = sqlite ? 1 : std::min(mysql_write_lanes, database.pool);
    show(config, "db-lanes", std::to_string(database.lanes));
  }
  database.store.write_sessions = database.lanes;
  database.store.read_sessions = std::max<std::size_t>(1, database.pool - database.lanes);
  complete_sms(config);

  service::settings& service = config.service;
  if (service.public_url.empty()) {
    // The issuer must survive a restart, so a port that the system picks stays out of it.
    listen_address address = config.listen;
    std::string text = address.text();
    if (address.port == 0) text.resize(text.rfind(':'));
    service.public_url = "http://" + text;
    show(config, "public-url", service.public_url);
  }
  const core::code_limits& codes = service.codes;
  service.address_limits =
      codes.address_sends_per_hour > 0 || codes.address_sends_per_day > 0 || codes.address_lookups_per_hour > 0;
  if (service.phones.countries.front() == "all") service.phones.countries.clear();
  service.code_echo = config.code_echo != settings::echo::off && config.profile == profile::dev &&
                      config.listen.loopback() &&
                      (config.sms.kind == gateway::spool || config.sms.kind == gateway::log);
  show(config, "code-echo", service.code_echo ? "on" : "off");
}

}  // namespace smsauth::app
