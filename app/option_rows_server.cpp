// How the server runs: process, listeners, database, sending, requests, log.
#include "app/database_uri.hpp"
#include "app/option_rows.hpp"
#include "app/option_setters.hpp"
#include "app/option_values.hpp"
#include "http/client_address.hpp"

#include <algorithm>

namespace smsauth::app {
namespace {

constexpr std::size_t max_section_name_bytes = 64;

bool put_listen(settings& s, std::string_view text) {
  const auto address = parse_listen_address(text);
  if (address) s.listen = *address;
  return address.has_value();
}

bool put_admin_listen(settings& s, std::string_view text) {
  s.admin_listen.reset();
  if (text == "off") return true;
  s.admin_listen = parse_listen_address(text);
  return s.admin_listen.has_value();
}

bool is_proxy(std::string_view text) {
  http::trusted_proxies proxies;
  return proxies.add(text).has_value();
}

bool put_database(settings& s, std::string_view text) {
  const auto uri = parse_database_uri(text);
  if (uri) s.database.store = *uri;  // the first row of its group: time-outs come after it
  return uri.has_value();
}

bool add_init_sql(settings& s, std::string_view statement) {
  if (!statement.empty()) s.database.store.init_sql.emplace_back(statement);  // "a; b;" ends in an empty part
  return true;
}

bool is_section_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_section_name_bytes && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool put_sms(settings& s, std::string_view text) {
  constexpr std::string_view spool_scheme = "spool:";
  if (text.starts_with(spool_scheme)) {
    s.sms.kind = sms_settings::gateway::spool;
    s.sms.path = text.substr(spool_scheme.size());
    return !s.sms.path.empty();
  }
  if (text == "log:") {
    s.sms.kind = sms_settings::gateway::log;
    return true;
  }
  s.sms.name = text;  // options_rules.cpp looks into its section
  return is_section_name(text);
}

constexpr option process_table[] = {
    choice("profile", "dev|standard|strict", "standard", put_choice<&settings::profile>,
           "dev for a laptop, standard for production with existing clients, strict with clients you control"),
    number("threads", "threads", {0, 256}, "0", put_integer<&settings::threads>, "I/O threads",
           "one for every two cores"),
    number("hash-threads", "threads", {0, 256}, "0", put_integer<&settings::hash_threads>,
           "threads that hash passwords, at low priority", "one for every two cores"),
    number("hash-queue", "hashes", {1, 65'536}, "64", put_integer<&settings::hash_queue>,
           "hashes that may wait; beyond them 503"),
    number("grace-seconds", "seconds", {1, 300}, "10", put_integer<&settings::grace_seconds>,
           "time for running requests at shutdown"),
    required(option_kind::path, "secret-file", "PATH", "var/secret.key", put_text<&settings::secret_file>,
             "32-byte master key in hex, mode 0600; made when missing in dev"),
};

constexpr option listener_table[] = {
    one(option_kind::text, "listen", "HOST:PORT (an IP address or localhost)", "127.0.0.1:8080", put_listen,
        "API listener; port 0 picks one"),
    one(option_kind::text, "admin-listen", "HOST:PORT (an IP address or localhost) or off", "127.0.0.1:9090",
        put_admin_listen, "health, metrics and the operator's pages"),
    one(option_kind::list, "trusted-proxy", "CIDR or IP address", "", add_checked<is_proxy, &settings::trusted_proxies>,
        "only such peers may set X-Forwarded-For; repeatable"),
    {"no-proxy",
     option_kind::flag,
     "",
     {},
     {},
     "off",
     false,
     "",
     put_flag<&settings::no_proxy>,
     "clients connect directly: allows a public listener without --trusted-proxy"},
    one(option_kind::text, "public-url", "http(s)://HOST[:PORT][/PATH] without a slash at its end", "",
        put_checked<is_public_url, true, &settings::service, &service::settings::public_url>,
        "the issuer in tokens, never taken from a Host header; by default made from --listen"),
};

template <auto Field>
constexpr integer_setter database_timeout = put_integer<&settings::database, &database_settings::store, Field>;

constexpr option database_table[] = {
    required(option_kind::secret, "db",
             "sqlite:PATH or mysql://user:password@host:port/name[?socket=PATH], "
             "with reserved characters percent-encoded",
             "sqlite:var/smsauthd.db", put_database,
             "schema is made or migrated at start; a password is better kept in the file or the environment, as every "
             "user of the machine can read the command line"),
    number("db-pool", "sessions", {1, 64}, "4", put_integer<&settings::database, &database_settings::pool>,
           "database sessions, each with a worker thread"),
    number("db-lanes", "sessions", {0, 64}, "0", put_integer<&settings::database, &database_settings::lanes>,
           "sessions of the pool that write, sharded by phone", "2 on MySQL, 1 on SQLite"),
    number("db-queue", "jobs", {1, 1'000'000}, "1024", put_integer<&settings::database, &database_settings::queue>,
           "jobs that may wait in one lane; beyond them 503"),
    number("db-batch", "jobs", {1, 64}, "64", put_integer<&settings::database, &database_settings::batch>,
           "waiting jobs that share one commit at most"),
    number("db-connect-timeout", "seconds", {1, 60}, "2",
           database_timeout<&store::database_settings::connect_timeout_seconds>,
           "until a connection to the database stands"),
    number("db-io-timeout", "seconds", {1, 60}, "4", database_timeout<&store::database_settings::io_timeout_seconds>,
           "for a statement's way and answer (MySQL); below http-handler-timeout"),
    number("db-lock-timeout", "seconds", {1, 60}, "2",
           database_timeout<&store::database_settings::lock_timeout_seconds>, "for a lock that another process holds"),
    one(option_kind::list, "db-init-sql", "SQL statements, separated by semicolons", "", add_init_sql,
        "run on each session after connecting"),
};

constexpr option sending_table[] = {
    required(option_kind::text, "sms", "spool:PATH, log:, or the name of a section [sms.NAME]", "spool:var/spool.jsonl",
             put_sms, "where the messages go"),
    number("delivery-queue", "messages", {1, 1'000'000}, "10000",
           put_integer<&settings::delivery, &service::delivery_settings::queue>,
           "messages in the hands of real gateways; beyond them the outbox keeps what is sent later"),
    number("delivery-tries", "calls", {1, 100}, "8",
           put_integer<&settings::delivery, &service::delivery_settings::tries>, "calls of gateways for one message"),
    number("delivery-wait-ms", "milliseconds", {0, 4000}, "0",
           put_integer<&settings::delivery, &service::delivery_settings::wait_ms>,
           "a discuzq send waits so long to hear that every gateway refused", "no waiting"),
    choice("code-echo", "auto|on|off", "auto", put_choice<&settings::code_echo>,
           "the code in the smssend reply: only dev, loopback, spool: or log:; auto = wherever that holds"),
};

template <auto Field>
constexpr integer_setter request_limit = put_integer<&settings::http, Field>;
template <auto Field>
constexpr integer_setter request_timeout = put_seconds_as_ms<&settings::http, Field>;

constexpr option request_table[] = {
    number("http-header-bytes", "bytes", {1024, 65'536}, "8192", request_limit<&core::http_limits::header_bytes>,
           "request line and header fields; over it 431"),
    number("http-body-bytes", "bytes", {1024, 1'048'576}, "16384", request_limit<&core::http_limits::body_bytes>,
           "request body; over it 413"),
    number("http-target-bytes", "bytes", {256, 32'768}, "2048", request_limit<&core::http_limits::target_bytes>,
           "path and query; over it 414"),
    number("http-json-depth", "levels", {2, 32}, "8", request_limit<&core::http_limits::json_depth>,
           "nesting of a JSON body; over it 400"),
    number("http-fields", "fields", {8, 1024}, "64", request_limit<&core::http_limits::fields>,
           "header fields, and parameters of a body; over it 400 or 431"),
    number("http-header-timeout", "seconds", {1, 300}, "10", request_timeout<&core::http_limits::header_timeout_ms>,
           "for the whole header to arrive"),
    number("http-body-timeout", "seconds", {1, 300}, "10", request_timeout<&core::http_limits::body_timeout_ms>,
           "for the whole body to arrive"),
    number("http-handler-timeout", "seconds", {1, 60}, "5", request_timeout<&core::http_limits::handler_timeout_ms>,
           "for our answer; then 503"),
    number("http-write-timeout", "seconds", {1, 300}, "10", request_timeout<&core::http_limits::write_timeout_ms>,
           "for the client to take the answer"),
    number("http-idle-timeout", "seconds", {1, 3600}, "75", request_timeout<&core::http_limits::idle_timeout_ms>,
           "life of an idle connection; longer than the proxy's own"),
    number("http-connections", "connections", {16, 1'000'000}, "16384", request_limit<&core::http_limits::connections>,
           "open connections; over it new ones wait"),
    number("http-connections-per-address", "connections", {0, 1'000'000}, "0",
           request_limit<&core::http_limits::connections_per_address>,
           "open connections of one peer; behind a proxy every peer is the proxy", "no limit"),
    number("http-pipelined-requests", "requests", {1, 1024}, "32",
           request_limit<&core::http_limits::pipelined_requests>, "requests of one read that are answered together"),
};

constexpr option log_table[] = {
    choice("log-level", "debug|info|warning|error", "info", put_choice<&settings::log, &telemetry::log_settings::level>,
           "least level that is written"),
    choice("log-format", "text|json", "text", put_choice<&settings::log, &telemetry::log_settings::format>,
           "one line per event either way"),
    one(option_kind::path, "log-file", "PATH", "", put_text<&settings::log, &telemetry::log_settings::file>,
        "where the log goes; empty = standard error"),
    number("log-queue", "lines", {64, 1'048'576}, "2048",
           put_integer<&settings::log, &telemetry::log_settings::queue_lines>,
           "lines that may wait for the sink; beyond them the oldest is dropped and counted"),
};

}  // namespace

std::span<const option> process_rows() noexcept {
  return process_table;
}
std::span<const option> listener_rows() noexcept {
  return listener_table;
}
std::span<const option> database_rows() noexcept {
  return database_table;
}
std::span<const option> sending_rows() noexcept {
  return sending_table;
}
std::span<const option> request_rows() noexcept {
  return request_table;
}
std::span<const option> log_rows() noexcept {
  return log_table;
}

}  // namespace smsauth::app
