#include "app/application.hpp"

#include "app/database_start.hpp"
#include "app/descriptor_limit.hpp"
#include "app/gateways.hpp"
#include "app/instance_lock.hpp"
#include "app/options.hpp"
#include "app/secret_file.hpp"
#include "app/shutdown.hpp"
#include "crypto/random.hpp"
#include "dialect/dialects.hpp"
#include "http/server.hpp"
#include "ops/health.hpp"
#include "ops/jwks.hpp"
#include "ops/messages_page.hpp"
#include "ops/metrics_page.hpp"
#include "ops/receipts.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/lane.hpp"
#include "runtime/run_on.hpp"
#include "runtime/thread_priority.hpp"
#include "service/context.hpp"
#include "service/maintenance.hpp"
#include "service/services.hpp"
#include "store/database.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <malloc.h>
#include <mutex>
#include <span>
#include <thread>

namespace smsauth::app {

namespace {

using telemetry::log_level;

crypto::master_key master_key_of(const settings& config) {
  auto key = crypto::master_key::from_hex(load_or_create_secret(config));
  if (!key)
    throw configuration_error("secret-file", source_of(config, "secret-file"),
                              "expected 32 random bytes in hex, not a guessable key");
  return std::move(*key);
}

// Binding is the one step of a listener that the world can refuse: the port is taken, the address is not ours.
std::unique_ptr<http::server> bind_listener(const settings& config, std::string_view setting,
                                            http::server_settings wanted, const http::router& routes,
                                            std::span<boost::asio::io_context* const> contexts) {
  try {
    return std::make_unique<http::server>(std::move(wanted), routes, contexts);
  } catch (const boost::system::system_error& error) {
    throw configuration_error(std::string(setting), source_of(config, setting),
                              "expected an address of this machine and a free port: " + error.code().message());
  }
}

http::server_settings server_settings_of(const settings& config, const listen_address& where) {
  http::server_settings made;
  made.endpoint = {where.address, where.port};
  made.limits = config.http;
  made.limits.connections = std::min(made.limits.connections, descriptors_for_connections());
  for (const std::string& network : config.trusted_proxies) {
    if (!made.proxies.add(network))
      throw configuration_error("trusted-proxy", source_of(config, "trusted-proxy"),
                                "expected an address or a network in CIDR form");
  }
  return made;
}

// Readiness for load balancers. The question goes to a worker thread: it reads the database.
class readiness_check final : public ops::health_source {
 public:
  readiness_check(store::database& database, runtime::lane& checks, const std::atomic<bool>& draining)
      : database_(database), checks_(checks), draining_(draining) {}

  http::awaitable<ops::readiness> check() override {
    if (draining_) co_return ops::readiness::no("draining");
    auto ask = [this]() -> core::result<bool> { return database_.answers(); };
    const auto answer = co_await runtime::run_on(checks_, ask);
    const bool fine = answer && *answer;
    co_return fine ? ops::readiness::yes() : ops::readiness::no("database");
  }

 private:
  store::database& database_;
  runtime::lane& checks_;
  const std::atomic<bool>& draining_;
};

runtime::lane::drain_function drain_at_low_priority() {
  return [](std::span<runtime::lane_job* const> jobs) {
    thread_local const bool lowered = [] {
      runtime::lower_thread_priority();
      runtime::name_thread("smsauthd-hash");
      return true;
    }();
    static_cast<void>(lowered);
    runtime::run_each(jobs);
  };
}

// What weakens a rule is said at every start, so that nobody finds it out from an incident.
void log_overrides(const settings& config) {
  const auto tell = [](std::string_view name, std::string_view effect) {
    telemetry::log(log_level::warning, "setting weakens a rule", {{"setting", name}, {"effect", effect}});
  };
  if (config.service.v4_register_code_optional)
    tell("v4-register-code", "v4 registers numbers without proof, unverified");
  if (config.service.code_echo) tell("code-echo", "smssend replies carry the code");
  if (!config.sms.sections.review_numbers.empty())
    tell("review-numbers", "fixed codes for exact numbers, until their days");
  if (!config.service.address_limits) tell("ip-sends-per-hour", "no limit per client address");
}

runtime::awaitable<void> stop_gateways(const service::delivery_routes& routes) {
  for (const auto& desk : routes.desks())
    co_await desk->gateway().stop();
}

runtime::awaitable<void> run_maintenance(service::maintenance& work) {
  co_await work.run();
}

void log_exception(const std::exception_ptr& error) {
  if (error) telemetry::log(log_level::error, "bug", {{"what", std::string_view("exception in a background task")}});
}

}  // namespace

struct application::parts {
  explicit parts(settings given)
      : config(std::move(given)),
        io(config.threads),
        delivery(1, "smsauthd-send"),
        workers(service::database_lanes::thread_count(config.database.store) + 1),
        hash_workers(config.hash_threads),
        lock(config.database.store.flavor == store::sql_flavor::sqlite ? instance_lock(config.database.store.path)
                                                                       : instance_lock()),
        keys(master_key_of(config)),
        texts(texts_of(config)),
        reviewed(review_numbers_of(config)),
        gateways(make_gateways(config, delivery.first(),
                               [this](std::string_view gateway, std::vector<sms::receipt> told) {
                                 // On the delivery thread, long after everything below was made: gateways begin in
                                 // run().
                                 boost::asio::co_spawn(delivery.first(),
                                                       receipts.take(std::string(gateway), std::move(told)),
                                                       log_exception);
                               })),
        database(config.database.store),
        lanes(workers, database, {config.database.queue, config.database.batch}),
        hashes(hash_workers, {"hash", config.hash_queue, 1, config.hash_threads}, drain_at_low_priority()),
        checks(workers, {"health", 64, 16, 1}, runtime::run_each),
        addresses(config.service.codes, crypto::random_hex(8)),
        uids(lanes),
        outbox(lanes, *gateways.routes, keys.outbox_seal(), time, addresses.node(), config.delivery),
        refused(lanes),
        receipts(lanes, time),
        context{config.service, texts, reviewed, time, lanes, hashes, keys, addresses, uids, outbox, refused},
        services(context, config.service),
        maintenance(context),
        health(database, checks, draining),
        prices(prices_of(config)),
        messages{lanes, time, prices, {}},
        api_server(
            bind_listener(config, "listen", server_settings_of(config, config.listen), fill_api_routes(), io.all())) {
    if (config.admin_listen) {
      boost::asio::io_context* const one[] = {&io.first()};
      const http::route_group& operators = ops::add_health_routes(admin_routes, health);
      ops::add_message_routes(admin_routes, operators, messages);
      fill_metrics();
      ops::add_metrics_route(admin_routes, operators, metrics);
      admin_server =
          bind_listener(config, "admin-listen", server_settings_of(config, *config.admin_listen), admin_routes, one);
    }
  }

  void add_metric(telemetry::metric_source::kind what, std::string name, std::string help, std::function<double()> read,
                  std::vector<std::pair<std::string, std::string>> labels = {}) {
    telemetry::metric_source made;
    made.what = what;
    made.name = std::move(name);
    made.help = std::move(help);
    made.labels = std::move(labels);
    made.read = std::move(read);
    metrics.push_back(std::move(made));
  }

  // What is asked for when Prometheus scrapes.
  void fill_metrics() {
    using kind = telemetry::metric_source::kind;
    const auto lane = [this](const char* name, std::function<double()> depth) {
      add_metric(kind::gauge, "smsauthd_lane_jobs", "Jobs that wait in a lane.", std::move(depth), {{"lane", name}});
    };
    lane("database", [this] { return static_cast<double>(lanes.depth()); });
    lane("hash", [this] { return static_cast<double>(hashes.depth()); });
    add_metric(kind::gauge, "smsauthd_connections", "Open connections of the API listener.",
               [this] { return static_cast<double>(api_server->connections()); });
    add_metric(kind::gauge, "smsauthd_requests_in_flight", "Requests whose reply is not made yet.",
               [this] { return static_cast<double>(api_server->requests_in_flight()); });
    add_metric(kind::gauge, "smsauthd_outbox_in_delivery", "Messages in the hands of the delivery thread.",
               [this] { return static_cast<double>(outbox.in_delivery()); });
    add_metric(kind::gauge, "smsauthd_outbox_unmarked", "Messages handed over whose rows are not marked yet.",
               [this] { return static_cast<double>(outbox.unmarked()); });
    add_metric(kind::gauge, "smsauthd_outbox_oldest_pending_seconds",
               "Age of the oldest message that outlived its first lease; 0 = none.", [this] {
                 const core::epoch_ms oldest = outbox.oldest_pending();
                 return oldest == 0 ? 0 : static_cast<double>(time.now() - oldest) / core::ms_per_second;
               });
    add_metric(kind::counter, "smsauthd_refusals_forgotten_total", "Refused sends that are not kept for support.",
               [this] { return static_cast<double>(refused.forgotten()); });
    const auto counted = [this](const char* name, const char* help, const std::atomic<std::uint64_t>& value) {
      add_metric(kind::counter, name, help, [&value] { return static_cast<double>(value.load()); });
    };
    counted("smsauthd_database_statements_total", "Statements run.", database.counters().statements);
    counted("smsauthd_database_commits_total", "Commits.", database.counters().commits);
    counted("smsauthd_database_reruns_total", "Jobs run again.", database.counters().reruns);
    counted("smsauthd_database_reconnects_total", "Lost connections.", database.counters().reconnects);
    add_metric(kind::gauge, "smsauthd_build_info", "1; the version is a label.", [] { return 1.0; },
               {{"version", SMSAUTH_VERSION}});
    const double began = static_cast<double>(time.now()) / core::ms_per_second;
    add_metric(kind::gauge, "smsauthd_start_time_seconds", "When the process began, in seconds since 1970.",
               [began] { return began; });
  }

  const http::router& fill_api_routes() {
    dialect::v4::add_routes(api_routes, services, config.http);
    dialect::smssend::add_routes(api_routes, services, config.http);
    dialect::module::add_routes(api_routes, services, config.http);
    dialect::discuzq::add_routes(api_routes, services, config.http);
    ops::add_jwks_route(api_routes, services.sessions());
    for (const auto& [gateway, secret] : gateways.receipts)
      receipts.add(*gateway, secret);
    ops::add_receipt_routes(api_routes, receipts, time, config.service.public_url);
    return api_routes;
  }

  // Read by everything below.
  const settings config;
  std::atomic<bool> draining{false};
  std::atomic<bool> stopping{false};
  service::clock time;
  // Event loops of the I/O threads.
  runtime::io_threads io;
  // Of the thread that calls gateways: they keep connections, and must not wait behind requests, nor requests behind
  // them.
  runtime::io_threads delivery;
  // Threads for everything that blocks: database and health checks; hashing has its own.
  boost::asio::thread_pool workers;
  boost::asio::thread_pool hash_workers;
  // One server per SQLite file.
  instance_lock lock;
  // Keys derived from the master key, and those of tokens.
  service::keyring keys;
  // Where messages go.
  const sms::text_settings texts;
  const service::review_numbers reviewed;
  gateway_set gateways;
  // Sessions and transactions; lanes give many requests one commit.
  store::database database;
  service::database_lanes lanes;
  // Argon2, bounded to about a second of work.
  runtime::lane hashes;
  runtime::lane checks;
  // The rules' state beside the database.
  service::address_limiter addresses;
  service::uid_source uids;
  service::dispatcher outbox;
  service::refusals refused;
  service::receipt_service receipts;
  service::context context;
  service::services services;
  service::maintenance maintenance;
  readiness_check health;
  const sms::price_list prices;
  ops::message_desk messages;
  std::vector<telemetry::metric_source> metrics;
  // The two listeners.
  http::router api_routes;
  http::router admin_routes;
  std::unique_ptr<http::server> api_server;
  std::unique_ptr<http::server> admin_server;  // none when the admin listener is off
  // run() and wait_until_ready() meet here.
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  bool ended = false;
  bool accepting = false;
  shutdown_signals signals{io.first(), [this] { request_stop(); }};

  void request_stop() {
    {
      const std::scoped_lock guard(mutex);
      stopping = true;
    }
    changed.notify_all();
  }

  // Clients wait in the listening socket's queue until this; scripts wait for the line.
  void accept_requests() {
    if (accepting) return;
    accepting = true;
    api_server->start();
    const auto admin = admin_server ? std::optional(admin_server->endpoint()) : std::nullopt;
    log_listening(api_server->endpoint(), admin);
  }

  // The database as soon as it is there; throws what ends the process. While it is away requests are answered 503.
  bool open_database() {
    const auto stop_waiting = [this](std::chrono::milliseconds pause) {
      accept_requests();
      std::unique_lock guard(mutex);
      return changed.wait_for(guard, pause, [this] { return stopping.load(); });
    };
    if (!open_and_migrate(database, stop_waiting)) return false;
    warn_about_server(database);
    load_keys(database, keys, time.now(), config.service.discuzq_rs256);
    database.grow_log();
    if (config.database.store.flavor == store::sql_flavor::sqlite) void_leases(database);
    malloc_trim(0);  // what starting needed goes back: at rest 4 MB less
    database.admit_units();
    return true;
  }

  // Connections of gateways that keep one: SMPP says goodbye.
  void begin_gateways() {
    if (gateways.routes->local() != nullptr) return;
    boost::asio::post(delivery.first(), [this] {
      for (const auto& desk : gateways.routes->desks())
        desk->gateway().start();
    });
  }
  void end_gateways(std::chrono::steady_clock::time_point give_up) {
    if (gateways.routes->local() != nullptr) return;
    std::promise<void> all_ended;
    boost::asio::co_spawn(delivery.first(), stop_gateways(*gateways.routes),
                          [&all_ended](const std::exception_ptr&) { all_ended.set_value(); });
    // What does not end by then ends with its loop, before the promise goes.
    if (all_ended.get_future().wait_until(give_up) != std::future_status::ready) delivery.join();
  }

  void drain() {
    using clock = std::chrono::steady_clock;
    draining = true;
    const auto give_up = clock::now() + std::chrono::seconds(config.grace_seconds);
    telemetry::log(log_level::info, "draining",
                   {{"connections", static_cast<std::int64_t>(api_server->connections())}});
    api_server->drain();
    const auto wait_until = [give_up](auto done) {
      // Polled: what it waits for ends on several threads, none of which waits for this one.
      while (clock::now() < give_up && !done())
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    };
    wait_until([this] { return api_server->connections() == 0 && api_server->requests_in_flight() == 0; });
    // Messages between two tries are left in the outbox; calls that run may end.
    outbox.stop();
    wait_until([this] { return outbox.in_delivery() == 0; });
    maintenance.stop();
    wait_until([this] { return maintenance.idle() && outbox.unmarked() == 0; });
    end_gateways(give_up);
    if (admin_server) admin_server->abort();
    api_server->abort();
  }
};

application::application(settings config) : parts_(std::make_unique<parts>(std::move(config))) {}

application::~application() = default;

boost::asio::ip::tcp::endpoint application::endpoint() const {
  return parts_->api_server->endpoint();
}

std::optional<boost::asio::ip::tcp::endpoint> application::admin_endpoint() const {
  if (!parts_->admin_server) return std::nullopt;
  return parts_->admin_server->endpoint();
}

void application::stop() {
  parts_->request_stop();
}

bool application::wait_until_ready() {
  std::unique_lock guard(parts_->mutex);
  parts_->changed.wait(guard, [this] { return parts_->ready || parts_->ended; });
  return parts_->ready;
}

int application::run() {
  parts& p = *parts_;
  // However it ends: event loops first, so that nothing new reaches the lanes; then the lanes; then memory.
  struct finish {
    parts& of;
    ~finish() {
      of.io.join();
      of.delivery.join();
      of.lanes.close();
      of.hashes.close();
      of.checks.close();
      of.workers.join();
      of.hash_workers.join();
      const std::scoped_lock guard(of.mutex);
      of.ended = true;
      of.changed.notify_all();
    }
  } const on_exit{p};

  if (p.admin_server) p.admin_server->start();
  p.io.start();
  p.delivery.start();
  telemetry::log(log_level::info, "starting",
                 {{"profile", to_string(p.config.profile)}, {"version", std::string_view(SMSAUTH_VERSION)}});
  log_overrides(p.config);
  if (!p.open_database()) return 0;
  p.begin_gateways();
  p.accept_requests();
  boost::asio::co_spawn(p.io.first(), run_maintenance(p.maintenance), log_exception);
  checkpoint_thread checkpoints(p.database);
  {
    const std::scoped_lock guard(p.mutex);
    p.ready = true;
  }
  p.changed.notify_all();
  telemetry::log(log_level::info, "ready");
  {
    std::unique_lock guard(p.mutex);
    p.changed.wait(guard, [&p] { return p.stopping.load(); });
  }
  p.drain();
  telemetry::log(log_level::info, "stopped");
  return 0;
}

}  // namespace smsauth::app
