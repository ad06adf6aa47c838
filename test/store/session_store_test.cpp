#include "store/session_store.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;
using store::transaction;
using store::sessions::session_row;
using test::fresh_database;
namespace sessions = store::sessions;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;
const std::string hash_1(64, '1');
const std::string hash_2(64, '2');
const std::string hash_3(64, '3');

session_row session(const std::string& id) {
  session_row s;
  s.id = id;
  s.uid = 9'007'199'254'740'991;
  s.dialect = "discuzq";
  s.epoch = 4;
  s.device_id = "iPhone \"15\" \\ ' 😀";
  s.address = "2001:db8::1";
  s.created_at = now;
  s.access_expires_at = now + 1000;
  s.refresh_hash = hash_1;
  s.refresh_generation = 2;
  s.refresh_rotated_at = now - 1;
  s.refresh_expires_at = now + 2000;
  return s;
}

}  // namespace

TEST_CASE("a session comes back as it was stored") {
  test::on_each_engine([](fresh_database& db) {
    const session_row made = session("s1");
    test::write(*db, [&](transaction& in) {
      CHECK_FALSE(sessions::find(in, "s1").has_value());
      sessions::create(in, made).get();
    });
    const auto found = test::read(*db, [](transaction& in) { return sessions::find(in, "s1"); });
    REQUIRE(found.has_value());
    CHECK(found->id == made.id);
    CHECK(found->uid == made.uid);
    CHECK(found->dialect == made.dialect);
    CHECK(found->epoch == made.epoch);
    CHECK(found->device_id == made.device_id);
    CHECK(found->address == made.address);
    CHECK(found->created_at == made.created_at);
    CHECK(found->access_expires_at == made.access_expires_at);
    CHECK(found->refresh_hash == made.refresh_hash);
    CHECK(found->refresh_generation == made.refresh_generation);
    CHECK(found->refresh_rotated_at == made.refresh_rotated_at);
    CHECK(found->refresh_expires_at == made.refresh_expires_at);
    CHECK(found->revoked_at == 0);
    CHECK_FALSE(test::read(*db, [](transaction& in) { return sessions::find(in, "S1"); }).has_value());
  });
}

TEST_CASE("a refresh token moves on once, from the one that was seen") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      sessions::create(in, session("s1")).get();
      const auto rotate = [&](std::string_view id, const std::string& seen, std::int64_t generation,
                              const std::string& next) {
        return sessions::rotate(in, id, seen, generation, next, now + 1, now + 5000, now + 6000);
      };
      CHECK_FALSE(rotate("s2", hash_1, 2, hash_2));
      CHECK_FALSE(rotate("s1", hash_3, 2, hash_2));
      CHECK_FALSE(rotate("s1", hash_1, 1, hash_2));
      CHECK_FALSE(rotate("s1", "", 2, hash_2));
      CHECK(rotate("s1", hash_1, 2, hash_2));
      CHECK_FALSE(rotate("s1", hash_1, 2, hash_3));
      CHECK_FALSE(rotate("s1", hash_1, 3, hash_3));
      const auto moved = sessions::find(in, "s1");
      CHECK(moved->refresh_hash == hash_2);
      CHECK(moved->refresh_generation == 3);
      CHECK(moved->refresh_rotated_at == now + 1);
      CHECK(moved->access_expires_at == now + 5000);
      CHECK(moved->refresh_expires_at == now + 6000);
      CHECK(rotate("s1", hash_2, 3, hash_3));
    });
  });
}

TEST_CASE("a session is revoked once and for ever: no rotation revives it") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      sessions::create(in, session("s1")).get();
      CHECK_FALSE(sessions::revoke(in, "s2", now));
      CHECK(sessions::revoke(in, "s1", now + 7));
      CHECK_FALSE(sessions::revoke(in, "s1", now + 8));
      CHECK(sessions::find(in, "s1")->revoked_at == now + 7);
      CHECK_FALSE(sessions::rotate(in, "s1", hash_1, 2, hash_2, now, now + 1, now + 1));
      CHECK(sessions::find(in, "s1")->refresh_hash == hash_1);
    });
  });
}

TEST_CASE("the purge keeps a session while its access or its refresh token lives") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      const auto create = [&](const char* id, core::epoch_ms access, core::epoch_ms refresh) {
        session_row s = session(id);
        s.access_expires_at = access;
        s.refresh_expires_at = refresh;
        sessions::create(in, s).get();
      };
      create("a", now - 1, now - 1);
      create("b", now, now - 1);  // expires now, not before now
      create("c", now - 1, now);
      create("d", now - 1, 0);  // has no refresh token
      create("e", now - 1, now - 1);
      CHECK(sessions::purge_after(in, "", now, 2) == "b");
      CHECK_FALSE(sessions::find(in, "a").has_value());
      CHECK(sessions::find(in, "e").has_value());
      CHECK(sessions::purge_after(in, "b", now, 10) == "e");
      CHECK(sessions::purge_after(in, "e", now, 10).empty());
      CHECK(sessions::find(in, "b").has_value());
      CHECK(sessions::find(in, "c").has_value());
      CHECK_FALSE(sessions::find(in, "d").has_value());
      CHECK_FALSE(sessions::find(in, "e").has_value());
    });
  });
}
