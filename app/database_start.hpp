// From "a database somewhere" to "ready": connect, schema, keys. Shared by serve, migrate and rotate-keys.
#pragma once

#include "service/clock.hpp"
#include "service/keyring.hpp"
#include "store/database.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

namespace smsauth::app {

/// Opens and migrates; while the server is away it logs once and tries again (0.1 to 1 s apart), until `stop_waiting`
/// says so: then false. Throws store::sql_error for what waiting does not mend (refused login), store::schema_too_new.
bool open_and_migrate(store::database& database, const std::function<bool(std::chrono::milliseconds)>& stop_waiting);

/// Token keys, made at the first start. Throws service::wrong_master_key, store::sql_error.
void load_keys(store::database& database, service::keyring& keys, core::epoch_ms now, bool with_rs256);
/// MariaDB: says so in the log when an acknowledged commit may be lost with the machine's power.
void warn_about_server(store::database& database);
/// SQLite: what an earlier process had leased is free at once.
void void_leases(store::database& database);

/// "listening on HOST:PORT" in the log, which scripts wait for.
void log_listening(const boost::asio::ip::tcp::endpoint& api,
                   const std::optional<boost::asio::ip::tcp::endpoint>& admin);

/// SQLite: moves the WAL into the file beside the requests, once a second or when it has grown.
class checkpoint_thread {
 public:
  explicit checkpoint_thread(store::database& database);

 private:
  std::jthread thread_;
};

}  // namespace smsauth::app
