// One server without its HTTP side, composed as in app/application.cpp: real database, real lanes, real threads.
#pragma once

#include "crypto/random.hpp"
#include "crypto/secret.hpp"
#include "service/context.hpp"
#include "service/hash_gate.hpp"
#include "service/maintenance.hpp"
#include "service/services.hpp"
#include "store/database.hpp"

#include <boost/asio/thread_pool.hpp>

#include <string_view>
#include <utility>

namespace smsauth::test {

/// All nodes of one installation share it.
inline constexpr std::string_view test_master_key = "8f2c5a7d9be14036a1c7d05e3fb8926471ea0dc4b35f98627c1ad3e0469b75f8";

inline service::settings test_settings() {
  service::settings config;
  config.public_url = "https://sms.example.com";
  config.address_limits = false;
  config.argon2_memory_kib = 64;  // the least that is worth a hash's name: tests hash a thousand times
  config.argon2_iterations = 1;
  return config;
}

/// Work at start, outside the lanes.
template <class Work>
void run_now(store::database& database, Work work) {
  class single_unit final : public store::unit {
   public:
    explicit single_unit(Work& work) : work_(work) {}
    void run(store::transaction& in) override { work_(in); }
    void fail(core::failure /*why*/) noexcept override {}

   private:
    Work& work_;
  };
  single_unit one(work);
  database.run_now(one);
}

class test_node {
 public:
  test_node(const store::database_settings& where, service::settings given, service::clock& clock,
            sms::gateway& gateway, std::string_view master = test_master_key, std::size_t hash_queue = 64)
      : config(std::move(given)),
        time(clock),
        workers(service::database_lanes::thread_count(where)),
        hash_workers(2),
        keys(crypto::master_key::from_hex(master).value()),
        database(where),
        lanes(workers, database, {}),
        hashes(hash_workers, {"hash", hash_queue, 1, 2}, gate.drain()),
        addresses(config.codes, crypto::random_hex(8)),
        uids(lanes),
        routes(gateway),
        outbox(lanes, routes, keys.outbox_seal(), clock, addresses.node()),
        refused(lanes),
        context{config, texts, reviewed, clock, lanes, hashes, keys, addresses, uids, outbox, refused},
        services(context, config),
        maintenance(context) {
    database.open();
    run_now(database, [&](store::transaction& in) { keys.load(in, clock.now(), true, config.discuzq_rs256); });
    database.admit_units();
  }
  ~test_node() {
    gate.release();
    lanes.close();
    hashes.close();
  }
  test_node(const test_node&) = delete;
  test_node& operator=(const test_node&) = delete;

  service::verification_service& verifications() { return services.verifications(); }
  service::account_service& accounts() { return services.accounts(); }
  service::session_service& sessions() { return services.sessions(); }

  const service::settings config;
  const sms::text_settings texts{"Planted Signature"};
  service::review_numbers reviewed;
  service::clock& time;
  hash_gate gate;
  boost::asio::thread_pool workers;
  boost::asio::thread_pool hash_workers;
  service::keyring keys;
  store::database database;
  service::database_lanes lanes;
  runtime::lane hashes;
  service::address_limiter addresses;
  service::uid_source uids;
  service::delivery_routes routes;
  service::dispatcher outbox;
  service::refusals refused;
  service::context context;
  service::services services;
  service::maintenance maintenance;
};

}  // namespace smsauth::test
