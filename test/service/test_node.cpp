#include "service/test_node.hpp"

namespace smsauth::test {

service::settings test_settings() {
  service::settings config;
  config.public_url = "https://sms.example.com";
  config.address_limits = false;
  config.argon2_memory_kib = 64;  // the least that is worth a hash's name: tests hash a thousand times
  config.argon2_iterations = 1;
  return config;
}

test_node::test_node(const store::database_settings& where, service::settings given, service::clock& clock,
                     sms::gateway& gateway, std::string_view master, std::size_t hash_queue)
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

test_node::~test_node() {
  gate.release();
  lanes.close();
  hashes.close();
}

}  // namespace smsauth::test
