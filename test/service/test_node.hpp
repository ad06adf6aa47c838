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

service::settings test_settings();

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
            sms::gateway& gateway, std::string_view master = test_master_key, std::size_t hash_queue = 64);
  ~test_node();
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
