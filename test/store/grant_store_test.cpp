#include "store/grant_store.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;
using store::transaction;
using test::fresh_database;
namespace grants = store::grants;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;
constexpr const char* phone = "+8613800138000";
const std::string token(64, 'a');
const std::string client(64, 'c');

}  // namespace

TEST_CASE("a reset grant is spent once, by its token or by the client that earned it") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(grants::use_reset_by_token(in, phone, token, now));
      grants::record_reset(in, phone, token, client, "device", now + 1000);
      CHECK_FALSE(grants::use_reset_by_token(in, "+8613800138001", token, now));
      CHECK_FALSE(grants::use_reset_by_token(in, phone, std::string(64, 'A'), now));
      CHECK_FALSE(grants::use_reset_by_token(in, phone, "", now));
      CHECK_FALSE(grants::use_reset_by_client(in, phone, token, now));
      CHECK(grants::use_reset_by_token(in, phone, token, now));
      CHECK_FALSE(grants::use_reset_by_token(in, phone, token, now));
      CHECK_FALSE(grants::use_reset_by_client(in, phone, client, now));
      grants::record_reset(in, phone, token, client, "device", now + 1000);
      CHECK(grants::use_reset_by_client(in, phone, client, now));
      CHECK_FALSE(grants::use_reset_by_token(in, phone, token, now));
    });
  });
}

TEST_CASE("only the newest reset grant of a number lives, until its end or until it is voided") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      const std::string newer(64, 'b');
      grants::record_reset(in, phone, token, client, "", now + 1000);
      grants::record_reset(in, phone, newer, client, "", now + 2000);
      CHECK_FALSE(grants::use_reset_by_token(in, phone, token, now));
      CHECK_FALSE(grants::use_reset_by_token(in, phone, newer, now + 2000));
      CHECK_FALSE(grants::use_reset_by_client(in, phone, client, now + 2000));
      CHECK(grants::use_reset_by_token(in, phone, newer, now + 1999));
      grants::record_reset(in, phone, token, client, "", now + 1000);
      grants::void_reset(in, phone);
      CHECK_FALSE(grants::use_reset_by_token(in, phone, token, now));
      grants::void_reset(in, phone);  // nothing there: no error
    });
  });
}

TEST_CASE("the proof before a rebind holds for one account, session and number, once") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(grants::has_rebind(in, 1, "s1", phone, now));
      grants::record_rebind(in, 1, "s1", phone, now + 1000);
      for (const auto& [uid, session, number, at] :
           {std::tuple(2, "s1", phone, now), std::tuple(1, "S1", phone, now),
            std::tuple(1, "s1", "+8613800138001", now), std::tuple(1, "s1", phone, now + 1000)}) {
        CAPTURE(uid);
        CAPTURE(session);
        CHECK_FALSE(grants::has_rebind(in, uid, session, number, at));
        CHECK_FALSE(grants::use_rebind(in, uid, session, number, at));
      }
      CHECK(grants::has_rebind(in, 1, "s1", phone, now + 999));
      CHECK(grants::has_rebind(in, 1, "s1", phone, now));  // looking does not spend
      CHECK(grants::use_rebind(in, 1, "s1", phone, now));
      CHECK_FALSE(grants::has_rebind(in, 1, "s1", phone, now));
      CHECK_FALSE(grants::use_rebind(in, 1, "s1", phone, now));
      grants::record_rebind(in, 1, "s1", phone, now + 1000);
      grants::record_rebind(in, 1, "s2", phone, now + 1000);  // a proof in another session replaces it
      CHECK_FALSE(grants::has_rebind(in, 1, "s1", phone, now));
      CHECK(grants::use_rebind(in, 1, "s2", phone, now));
    });
  });
}

TEST_CASE("a bind token gives its number once") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(grants::use_bind_token(in, token, now).has_value());
      grants::record_bind_token(in, token, phone, now + 1000);
      CHECK_FALSE(grants::use_bind_token(in, std::string(64, 'A'), now).has_value());
      CHECK_FALSE(grants::use_bind_token(in, token, now + 1000).has_value());
      CHECK(grants::use_bind_token(in, token, now + 999) == phone);
      CHECK_FALSE(grants::use_bind_token(in, token, now).has_value());
    });
  });
}

TEST_CASE("the purge of bind tokens deletes what has expired, range by range") {
  test::on_each_engine([](fresh_database& db) {
    const auto key = [](char c) { return std::string(64, c); };
    test::write(*db, [&](transaction& in) {
      for (const char c : {'1', '3', '5'})
        grants::record_bind_token(in, key(c), phone, now - 1);
      for (const char c : {'2', '4'})
        grants::record_bind_token(in, key(c), phone, now + 1);
    });
    test::write(*db, [&](transaction& in) {
      CHECK(grants::purge_bind_tokens_after(in, "", now, 2) == key('2'));
      CHECK(grants::purge_bind_tokens_after(in, key('2'), now, 2) == key('4'));
      CHECK(grants::purge_bind_tokens_after(in, key('4'), now, 2) == key('5'));
      CHECK(grants::purge_bind_tokens_after(in, key('5'), now, 2).empty());
      CHECK(grants::purge_bind_tokens_after(in, "", now, 10) == key('4'));  // 2 and 4 are left
      CHECK(grants::use_bind_token(in, key('2'), now) == phone);
      CHECK(grants::use_bind_token(in, key('4'), now) == phone);
    });
  });
}
