#include "app/database_start.hpp"

#include "app/application.hpp"
#include "app/options.hpp"
#include "app/secret_file.hpp"
#include "runtime/thread_priority.hpp"
#include "store/migration.hpp"
#include "store/outbox_store.hpp"
#include "telemetry/log.hpp"

#include <iostream>

namespace smsauth::app {

namespace {

using std::chrono::milliseconds;
using telemetry::log_level;

constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{1'000};
constexpr std::chrono::seconds checkpoint_interval{1};

bool worth_waiting(store::sql_error_kind kind) {
  return kind == store::sql_error_kind::cannot_connect || kind == store::sql_error_kind::connection_lost ||
         kind == store::sql_error_kind::refused || kind == store::sql_error_kind::refused_open ||
         kind == store::sql_error_kind::read_only;
}

template <class Work>
class single_unit final : public store::unit {
 public:
  explicit single_unit(Work& work) : work_(work) {}
  void run(store::transaction& in) override { work_(in); }
  void fail(core::failure /*why*/) noexcept override {}

 private:
  Work& work_;
};

template <class Work>
void run_now(store::database& database, Work work) {
  single_unit<Work> one(work);
  database.run_now(one);
}

std::string text_of(const boost::asio::ip::tcp::endpoint& where) {
  const std::string host = where.address().to_string();
  return (where.address().is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(where.port());
}

crypto::master_key read_master_key(const settings& config) {
  auto key = crypto::master_key::from_hex(load_or_create_secret(config));
  if (!key)
    throw configuration_error("secret-file", source_of(config, "secret-file"),
                              "expected 32 random bytes in hex, not a guessable key");
  return std::move(*key);
}

}  // namespace

bool open_and_migrate(store::database& database, const std::function<bool(milliseconds)>& stop_waiting) {
  milliseconds pause = first_pause;
  bool told = false;
  for (;;) {
    try {
      database.open();
      store::migrate(database);
      return true;
    } catch (const store::sql_error& error) {
      // A SQLite file that cannot be opened will not open later; a server may come back.
      const bool server = database.flavor() == store::sql_flavor::mysql;
      if (!server || !worth_waiting(error.kind())) throw;
      if (!told) {
        telemetry::log(log_level::warning, "database away, trying again",
                       {{"kind", std::string_view(store::to_string(error.kind()))},
                        {"number", static_cast<std::int64_t>(error.number())}});
      }
      told = true;
    }
    if (stop_waiting(pause)) return false;
    pause = std::min(pause * 2, longest_pause);
  }
}

void load_keys(store::database& database, service::keyring& keys, core::epoch_ms now, bool with_rs256) {
  run_now(database, [&](store::transaction& in) { keys.load(in, now, true, with_rs256); });
}

namespace {

// Up to so many statements stay prepared on a session (README counts on it): most texts of a writing one are there for
// twenty numbers of rows.
constexpr std::int64_t prepared_per_writer = 400;
constexpr std::int64_t prepared_per_reader = 120;

// Nothing from engines that only speak MySQL: they have no such variable, nor the trouble.
std::optional<std::int64_t> server_variable(store::database& database, const store::sql& query) {
  std::optional<std::int64_t> value;
  try {
    run_now(database, [&](store::transaction& in) {
      const auto row = in.row<std::tuple<store::int_column>>(query);
      if (row) value = std::get<0>(*row);
    });
  } catch (const store::sql_error&) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

void warn_about_server(store::database& database) {
  static constexpr store::sql flush{"durability", "SELECT @@innodb_flush_log_at_trx_commit"};
  static constexpr store::sql prepared{"prepared statements", "SELECT @@max_prepared_stmt_count"};
  if (database.flavor() != store::sql_flavor::mysql) return;
  const auto flushed = server_variable(database, flush);
  if (flushed && *flushed != 1) {
    telemetry::log(log_level::warning, "commits may be lost on a crash of the database's machine",
                   {{"innodb_flush_log_at_trx_commit", *flushed}, {"expected", std::int64_t{1}}});
  }
  const auto allowed = server_variable(database, prepared);
  const store::database_settings& settings = database.settings();
  const auto needed = static_cast<std::int64_t>(settings.write_sessions) * prepared_per_writer +
                      static_cast<std::int64_t>(settings.read_sessions) * prepared_per_reader;
  if (allowed && *allowed < needed) {
    telemetry::log(log_level::warning, "the database may have no room for our prepared statements",
                   {{"max_prepared_stmt_count", *allowed}, {"needed", needed}});
  }
}

void void_leases(store::database& database) {
  run_now(database, [](store::transaction& in) { store::outbox::void_leases(in); });
}

void log_listening(const boost::asio::ip::tcp::endpoint& api,
                   const std::optional<boost::asio::ip::tcp::endpoint>& admin) {
  telemetry::log(log_level::info, "listening on " + text_of(api));
  if (admin) telemetry::log(log_level::info, "admin listening on " + text_of(*admin));
}

checkpoint_thread::checkpoint_thread(store::database& database) {
  if (database.flavor() != store::sql_flavor::sqlite) return;
  thread_ = std::jthread([&database](const std::stop_token& stop) {
    runtime::name_thread("smsauthd-wal");
    while (database.wait_until_checkpoint(stop, checkpoint_interval))
      database.checkpoint();
  });
}

int run_migrate(const settings& config) {
  store::database database(config.database.store);
  open_and_migrate(database, [](milliseconds pause) {
    std::this_thread::sleep_for(pause);
    return false;
  });
  std::cout << "schema version " << store::newest_schema_version() << '\n';
  return 0;
}

int run_rotate_keys(const settings& config) {
  store::database database(config.database.store);
  service::keyring keys(read_master_key(config));
  service::clock time;
  open_and_migrate(database, [](milliseconds pause) {
    std::this_thread::sleep_for(pause);
    return false;
  });
  const core::epoch_ms now = time.now();
  load_keys(database, keys, now, config.service.discuzq_rs256);
  // The longest life of a token that an old key may have signed.
  const std::int64_t overlap_ms =
      std::max(config.service.sessions.discuzq_access_seconds, config.service.sessions.module_access_seconds) *
      core::ms_per_second;
  int made = 0;
  run_now(database, [&](store::transaction& in) { made = keys.rotate(in, now, overlap_ms); });
  std::cout << made << " new keys; they sign in " << service::keyring::activation_ms / core::ms_per_second
            << " s, the old ones verify for " << overlap_ms / core::ms_per_second << " s more\n";
  return 0;
}

}  // namespace smsauth::app
