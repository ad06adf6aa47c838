// The token keys that all servers of an installation share through the database.
#include "service/keyring.hpp"

#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using crypto::jwt_algorithm;
using service::keyring;

namespace {

constexpr std::string_view other_master_key = "1b6e93d20f7c48a5bb3d5f60927ce81440da76b1f5e2983cc7a90d8e3b164f52";
const set_up own{.own_database = true};

crypto::master_key master(std::string_view hex = test_master_key) {
  return crypto::master_key::from_hex(hex).value();
}

void load(fixture& f, keyring& into, bool create, bool with_rs256 = false) {
  run_now(f.node().database, [&](store::transaction& in) { into.load(in, f.time.now(), create, with_rs256); });
}
int rotate(fixture& f, keyring& of, std::int64_t overlap_ms) {
  int made = 0;
  run_now(f.node().database, [&](store::transaction& in) { made = of.rotate(in, f.time.now(), overlap_ms); });
  return made;
}
std::string signer_of(const keyring& keys, jwt_algorithm algorithm, core::epoch_ms now) {
  const auto tokens = keys.tokens();
  const crypto::signing_key* key = tokens->signer(algorithm, now);
  return key == nullptr ? "none" : key->kid();
}

}  // namespace

TEST_CASE("the first start makes the keys, later ones and other servers read the same") {
  with_services(
      [](fixture& f) {
        CHECK(f.number("SELECT COUNT(*) FROM signing_key") == 2);
        const std::string es256 = signer_of(f.node().keys, jwt_algorithm::es256, f.time.now());
        const std::string hs256 = signer_of(f.node().keys, jwt_algorithm::hs256, f.time.now());
        CHECK(es256 != "none");
        CHECK(hs256 != "none");
        CHECK(signer_of(f.node().keys, jwt_algorithm::rs256, f.time.now()) == "none");
        const auto second = f.new_node();
        CHECK(signer_of(second->keys, jwt_algorithm::es256, f.time.now()) == es256);
        CHECK(signer_of(second->keys, jwt_algorithm::hs256, f.time.now()) == hs256);
        CHECK(f.number("SELECT COUNT(*) FROM signing_key") == 2);

        const client who(core::dialect::discuzq);
        const auto session = f.sign_up(who, new_phone());
        CHECK(outcome(f.call(second->sessions().authenticate(who, session.tokens.access_token))) == "ok");
        CHECK(outcome(f.call(second->sessions().refresh(who, session.tokens.refresh_token))) == "ok");
      },
      own);
}

TEST_CASE("an algorithm asked for later gets its key then") {
  with_services(
      [](fixture& f) {
        keyring keys(master());
        load(f, keys, true, true);
        CHECK(signer_of(keys, jwt_algorithm::rs256, f.time.now()) != "none");
        CHECK(f.number("SELECT COUNT(*) FROM signing_key") == 3);
      },
      own);
}

TEST_CASE("servers that start at once on an empty database agree on the keys") {
  if (!has_mysql()) return;
  fixture f(store::sql_flavor::mysql, own);
  f.sql().run("DELETE FROM signing_key");
  std::vector<std::unique_ptr<test_node>> nodes(4);
  {
    std::vector<std::jthread> threads;
    for (auto& each : nodes)
      threads.emplace_back([&] { each = f.new_node(); });
  }
  // A server that lost the race for a key reads the winner's at its next reload.
  for (auto& each : nodes)
    f.call(each->maintenance.reload_keys());
  CHECK(f.number("SELECT COUNT(*) FROM signing_key") == 2);
  for (const auto algorithm : {jwt_algorithm::es256, jwt_algorithm::hs256}) {
    for (auto& each : nodes) {
      CHECK(signer_of(each->keys, algorithm, f.time.now()) == signer_of(nodes[0]->keys, algorithm, f.time.now()));
    }
  }
}

TEST_CASE("PWD-04: another master key is refused at start, and changes nothing") {
  with_services(
      [](fixture& f) {
        keyring wrong(master(other_master_key));
        CHECK_THROWS_AS(load(f, wrong, true), service::wrong_master_key);
        CHECK_THROWS_AS(load(f, wrong, true, true), service::wrong_master_key);
        CHECK(f.number("SELECT COUNT(*) FROM signing_key") == 2);
        keyring right(master());
        load(f, right, false);
        CHECK(signer_of(right, jwt_algorithm::es256, f.time.now()) != "none");
      },
      own);
}

TEST_CASE("the keys in the database are sealed") {
  with_services(
      [](fixture& f) {
        const auto tokens = f.node().keys.tokens();
        REQUIRE(tokens->entries.size() == 2);
        for (const auto& each : tokens->entries) {
          const std::string secret = each.key->export_private();
          for (const std::string& stored : f.sql().texts("SELECT sealed_key FROM signing_key")) {
            CHECK(stored.find(secret.substr(0, 32)) == std::string::npos);
          }
        }
      },
      own);
}

TEST_CASE(
    "TOK-11: after a rotation old tokens verify, new keys wait until every cache has them, then sign, and old ones "
    "end") {
  with_services(
      [](fixture& f) {
        const client who(core::dialect::discuzq);
        const auto session = f.sign_up(who, new_phone());
        const std::string old_kid = signer_of(f.node().keys, jwt_algorithm::es256, f.time.now());
        const std::int64_t overlap_ms = 2'592'000 * core::ms_per_second;
        f.time.advance_seconds(1);
        CHECK(rotate(f, f.node().keys, overlap_ms) == 2);
        CHECK(f.number("SELECT COUNT(*) FROM signing_key") == 4);

        f.call(f.node().maintenance.reload_keys());
        CHECK(signer_of(f.node().keys, jwt_algorithm::es256, f.time.now()) == old_kid);
        const std::string jwks = f.sessions().jwks();
        CHECK(jwks.find(old_kid) != std::string::npos);
        f.time.advance_ms(keyring::activation_ms - 1);
        CHECK(signer_of(f.node().keys, jwt_algorithm::es256, f.time.now()) == old_kid);
        f.time.advance_ms(1);
        const std::string new_kid = signer_of(f.node().keys, jwt_algorithm::es256, f.time.now());
        CHECK(new_kid != old_kid);
        CHECK(jwks.find(new_kid) != std::string::npos);  // published before it signed
        CHECK(outcome(f.call(f.sessions().authenticate(who, session.tokens.access_token))) == "ok");
        const auto fresh = f.sign_up(who, new_phone());
        CHECK(outcome(f.call(f.sessions().authenticate(who, fresh.tokens.access_token))) == "ok");

        f.time.advance_ms(overlap_ms);
        f.call(f.node().maintenance.reload_keys());
        CHECK(f.sessions().jwks().find(old_kid) == std::string::npos);
        CHECK(signer_of(f.node().keys, jwt_algorithm::es256, f.time.now()) == new_kid);
        CHECK(f.node().keys.tokens()->entries.size() == 2);
      },
      own);
}

TEST_CASE(
    "TOK-11: a server that has not reloaded yet takes tokens of the new key only when it knows it, which is before any "
    "exist") {
  with_services(
      [](fixture& f) {
        const auto second = f.new_node();
        f.time.advance_seconds(1);
        rotate(f, f.node().keys, core::ms_per_day);
        f.call(f.node().maintenance.reload_keys());
        f.call(second->maintenance.reload_keys());
        f.time.advance_ms(keyring::activation_ms);
        const client who(core::dialect::module);
        const auto session = f.sign_up(who, new_phone());
        CHECK(outcome(f.call(second->sessions().authenticate(who, session.tokens.access_token))) == "ok");
      },
      own);
}

TEST_CASE("rotations at once make one new key each algorithm") {
  if (!has_mysql()) return;
  fixture f(store::sql_flavor::mysql, own);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        store::database database(f.where());
        database.open();
        keyring keys(master());
        run_now(database, [&](store::transaction& in) { keys.rotate(in, f.time.now(), core::ms_per_day); });
      });
    }
  }
  // Threads that began after another had ended rotate again; no two make the same slot, and one key signs in the end.
  const long long es256 = f.number("SELECT COUNT(*) FROM signing_key WHERE algorithm = 'es256'");
  CHECK(es256 >= 2);
  CHECK(es256 <= 5);
  CHECK(f.number("SELECT COUNT(*) FROM signing_key WHERE algorithm = 'es256' AND retires_at = 0") == 1);
}
