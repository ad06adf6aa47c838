// The whole configuration as plain, validated data: what options.cpp makes of flags, environment and file.
#pragma once

#include "core/limits.hpp"
#include "service/delivery_settings.hpp"
#include "service/settings.hpp"
#include "store/database_settings.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::app {

enum class command : std::uint8_t { serve, migrate, check_config, rotate_keys, messages, deliveries, help, version };
enum class profile : std::uint8_t { dev, standard, strict };
std::string_view to_string(profile value) noexcept;

/// HOST:PORT of a listener. Port 0 lets the system pick one.
struct listen_address {
  boost::asio::ip::address address;
  std::uint16_t port = 0;
  /// "127.0.0.1:8080", "[::1]:8080".
  std::string text() const;
  bool loopback() const { return address.is_loopback(); }
  friend bool operator==(const listen_address&, const listen_address&) = default;
};

struct database_settings {
  store::database_settings
      store;              ///< where it is (--db), time-outs, first statements, sessions that write and that read
  std::size_t pool = 0;   ///< sessions, each with its worker thread
  std::size_t lanes = 0;  ///< of them for writes, sharded by phone; at most `pool`; SQLite: 1
  std::size_t queue = 0;  ///< jobs that may wait in one lane
  std::size_t batch = 0;  ///< jobs that share one commit at most
};

/// What the file says about messages in sections of its own; names and values as they stand there, maybe secret.
struct sms_sections {
  using section = std::map<std::string, std::string>;
  std::map<std::string, section> gateways;                  ///< every [sms.NAME]
  std::vector<std::pair<std::string, std::string>> routes;  ///< [routes], in the order of the file
  section texts;                                            ///< [texts]
  section prices;                                           ///< [prices]
  section review_numbers;                                   ///< [review-numbers]
};

/// --sms.
struct sms_settings {
  enum class gateway : std::uint8_t { none, spool, log, section };
  gateway kind = gateway::none;  ///< none only for the commands that send nothing
  std::string path;              ///< of the spool file
  std::string name;              ///< the section --sms chose; empty for spool: and log:
  sms_sections sections;
};

/// What the commands messages and deliveries were asked.
struct report_settings {
  std::string to;
  bool full = false;
  std::int64_t hours = 24;
};

/// One setting as it came out, for check-config and for messages about it.
struct effective_value {
  std::string name;
  std::string shown;   ///< secrets masked
  std::string source;  ///< "default[dev]", "file:PATH", "environment SMSAUTHD_X" or "flag"
};

struct settings {
  app::command command = command::serve;
  app::profile profile = profile::standard;

  listen_address listen;
  std::optional<listen_address> admin_listen;  ///< nothing = off
  std::vector<std::string> trusted_proxies;    ///< each taken by http::trusted_proxies::add
  bool no_proxy = false;                       ///< the operator says that clients connect directly
  core::http_limits http;
  std::size_t threads = 1;         ///< I/O threads, at least 1
  std::int64_t grace_seconds = 0;  ///< drain at shutdown

  database_settings database;
  sms_settings sms;
  report_settings report;
  service::delivery_settings delivery;
  std::string secret_file;
  std::string credentials_directory;  ///< $CREDENTIALS_DIRECTORY of systemd; empty elsewhere
  std::size_t hash_threads = 1;       ///< Argon2 threads, at least 1
  std::size_t hash_queue = 0;         ///< hashes that may wait

  enum class echo : std::uint8_t { automatic, on, off };
  echo code_echo = echo::automatic;  ///< what was asked for; service.code_echo is what came of it
  service::settings service;
  telemetry::log_settings log;

  std::vector<effective_value> effective;  ///< in the order of the table
};

}  // namespace smsauth::app
