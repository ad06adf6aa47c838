#include "store/account_store.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace smsauth;
using store::transaction;
using test::fresh_database;
namespace accounts = store::accounts;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;
constexpr std::int64_t largest_uid = 9'007'199'254'740'991;  // 2^53 - 1
constexpr const char* phone = "+8613800138000";

core::account full_account(std::int64_t uid) {
  core::account a;
  a.uid = uid;
  a.public_id = "0123456789abcdef0123456789abcdef";
  a.phone = phone;
  a.status = core::account_status::pending;
  a.username = "user\\name'\"";
  a.name = "张三 :p1";
  a.nickname = "😀";
  a.gender = "保密";
  a.birthday = "1999-12-31";
  a.email = "a@b.example";
  a.avatar = "https://cdn.example/a.png?x=%20&y=1";
  a.role = "merchant";
  a.points = largest_uid;
  a.can_rename = true;
  a.settled = true;
  a.has_password = true;
  a.has_pay_password = true;
  a.session_epoch = 7;
  a.social_circle_id = 3;
  a.register_address = "2001:db8::1";
  a.last_login_address = "192.0.2.1";
  a.last_login_device = "device \"1\"";
  a.last_login_at = now + 1;
  a.created_at = now + 2;
  a.updated_at = now + 3;
  return a;
}

void check_equal(const core::account& a, const core::account& b) {
  CHECK(a.uid == b.uid);
  CHECK(a.public_id == b.public_id);
  CHECK(a.phone == b.phone);
  CHECK(a.status == b.status);
  CHECK(a.username == b.username);
  CHECK(a.name == b.name);
  CHECK(a.nickname == b.nickname);
  CHECK(a.gender == b.gender);
  CHECK(a.birthday == b.birthday);
  CHECK(a.email == b.email);
  CHECK(a.avatar == b.avatar);
  CHECK(a.role == b.role);
  CHECK(a.points == b.points);
  CHECK(a.can_rename == b.can_rename);
  CHECK(a.settled == b.settled);
  CHECK(a.has_password == b.has_password);
  CHECK(a.has_pay_password == b.has_pay_password);
  CHECK(a.session_epoch == b.session_epoch);
  CHECK(a.social_circle_id == b.social_circle_id);
  CHECK(a.register_address == b.register_address);
  CHECK(a.last_login_address == b.last_login_address);
  CHECK(a.last_login_device == b.last_login_device);
  CHECK(a.last_login_at == b.last_login_at);
  CHECK(a.created_at == b.created_at);
  CHECK(a.updated_at == b.updated_at);
}

}  // namespace

TEST_CASE("an account comes back as it was stored, up to uid 2^53 - 1") {
  test::on_each_engine([](fresh_database& db) {
    for (const std::int64_t uid : {std::int64_t{1}, std::int64_t{5'000'000'000}, largest_uid}) {
      const core::account made = full_account(uid);
      test::write(*db, [&](transaction& in) { accounts::create(in, made).get(); });
      const auto loaded = test::read(*db, [&](transaction& in) { return accounts::load(in, uid); });
      REQUIRE(loaded.has_value());
      check_equal(*loaded, made);
    }
    CHECK_FALSE(test::read(*db, [](transaction& in) { return accounts::load(in, 2); }).has_value());
  });
}

TEST_CASE("a second account with the same uid is an error, and changes nothing") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) { accounts::create(in, full_account(1)).get(); });
    test::unit_batch batch;
    auto& twice = batch.add([](transaction& in) {
      core::account other = full_account(1);
      other.nickname = "other";
      accounts::create(in, other).get();
    });
    batch.run(*db);
    CHECK(twice.failed_with(core::errc::internal));
    check_equal(*test::read(*db, [](transaction& in) { return accounts::load(in, 1); }), full_account(1));
  });
}

TEST_CASE("a number is claimed once, moved by compare and set, and released by its owner only") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(accounts::find_identity(in, phone).get().has_value());
      CHECK(accounts::claim_identity(in, phone, 10, false, now).get());
      CHECK_FALSE(accounts::claim_identity(in, phone, 11, true, now).get());
      CHECK(accounts::find_identity(in, phone).get()->uid == 10);
      CHECK_FALSE(accounts::find_identity(in, phone).get()->verified);
    });
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(accounts::move_identity(in, phone, 11, 12));
      CHECK_FALSE(accounts::move_identity(in, "+8613800138001", 10, 12));
      CHECK(accounts::move_identity(in, phone, 10, 12));
      CHECK_FALSE(accounts::move_identity(in, phone, 10, 13));  // 10 is what it was before
      CHECK(accounts::find_identity(in, phone).get()->uid == 12);
      CHECK(accounts::find_identity(in, phone).get()->verified);
    });
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(accounts::release_identity(in, phone, 10));
      CHECK(accounts::release_identity(in, phone, 12));
      CHECK_FALSE(accounts::release_identity(in, phone, 12));
      CHECK_FALSE(accounts::find_identity(in, phone).get().has_value());
      CHECK(accounts::claim_identity(in, phone, 14, true, now).get());
    });
  });
}

TEST_CASE("an account is found by its number, with whether the number was proven") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      accounts::create(in, full_account(5)).get();
      CHECK_FALSE(accounts::find_by_phone(in, phone).get().has_value());
      CHECK(accounts::claim_identity(in, phone, 5, false, now).get());
      const auto found = accounts::find_by_phone(in, phone).get();
      REQUIRE(found.has_value());
      check_equal(found->account, full_account(5));
      CHECK_FALSE(found->verified);
      CHECK(accounts::move_identity(in, phone, 5, 6));  // claimed, account missing
      CHECK_FALSE(accounts::find_by_phone(in, phone).get().has_value());
      CHECK(accounts::move_identity(in, phone, 6, 5));
      CHECK(accounts::find_by_phone(in, phone).get()->verified);
    });
  });
}

TEST_CASE("blocks of user ids do not overlap, also between two servers") {
  test::on_each_engine([](fresh_database& db) {
    const auto other = db.another_node();
    const auto take = [](transaction& in) { return accounts::take_uid_block(in, 100); };
    CHECK(test::write(*db, take) == 1);
    CHECK(test::write(*other, take) == 101);
    CHECK(test::write(*db, take) == 201);
    CHECK(test::write(*db, [](transaction& in) { return accounts::take_uid_block(in, 1); }) == 301);
    CHECK(test::write(*other, take) == 302);
  });
}

TEST_CASE("each change of an account touches its own columns and no other account") {
  test::on_each_engine([](fresh_database& db) {
    core::account mine = full_account(1);
    mine.has_password = mine.has_pay_password = false;
    const core::account neighbour = full_account(2);
    core::account expected = mine;
    test::write(*db, [&](transaction& in) {
      accounts::create(in, mine).get();
      accounts::create(in, neighbour).get();
      const auto after = [&](core::epoch_ms changed_at) {
        expected.updated_at = changed_at;
        check_equal(*accounts::load(in, 1), expected);
      };
      accounts::record_login(in, 1, "198.51.100.7", "new 'device'", now + 10);
      expected.last_login_at = now + 10;
      expected.last_login_address = "198.51.100.7";
      expected.last_login_device = "new 'device'";
      after(now + 10);
      CHECK_FALSE(accounts::change_phone(in, 1, "", "+6591234567", now + 11));
      CHECK_FALSE(accounts::change_phone(in, 1, "+6591234567", "+6591234568", now + 11));
      CHECK(accounts::change_phone(in, 1, expected.phone, "+6591234567", now + 11));
      expected.phone = "+6591234567";
      after(now + 11);
      accounts::set_has_password(in, 1, now + 12);
      expected.has_password = true;
      after(now + 12);
      accounts::set_has_pay_password(in, 1, now + 13);
      expected.has_pay_password = true;
      after(now + 13);
      accounts::set_status(in, 1, core::account_status::replaced, now + 14);
      expected.status = core::account_status::replaced;
      after(now + 14);
      accounts::end_sessions(in, 1, now + 15);
      accounts::end_sessions(in, 1, now + 16);
      expected.session_epoch = 9;
      after(now + 16);
      check_equal(*accounts::load(in, 2), neighbour);
    });
  });
}

TEST_CASE("a device is new once per account, whatever its name holds") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      for (const std::string& device :
           {std::string("abc"), std::string("ABC"), std::string("a'b\"c\\"), std::string("😀"), std::string()}) {
        CAPTURE(device);
        CHECK(accounts::record_device(in, 1, device, now));
        CHECK_FALSE(
            accounts::record_device(in, 1, device, now));  // the same moment: matched rows count, not changed ones
        CHECK_FALSE(accounts::record_device(in, 1, device, now + 1));
        CHECK(accounts::record_device(in, 2, device, now));
      }
    });
  });
}

TEST_CASE("an invite is used once and not after its end") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(accounts::find_invite(in, "Code1").has_value());
      accounts::record_invite(in, "Code1", 7, now + 1000, now);
      CHECK_FALSE(accounts::find_invite(in, "code1").has_value());
      CHECK(accounts::find_invite(in, "Code1")->inviter_uid == 7);
      CHECK(accounts::find_invite(in, "Code1")->expires_at == now + 1000);
      CHECK(accounts::find_invite(in, "Code1")->used_by == 0);
      CHECK_FALSE(accounts::use_invite(in, "code1", 8, now));
      CHECK_FALSE(accounts::use_invite(in, "Code1", 8, now + 1000));  // its end is exclusive
      CHECK(accounts::use_invite(in, "Code1", 8, now + 999));
      CHECK_FALSE(accounts::use_invite(in, "Code1", 9, now + 999));
      CHECK(accounts::find_invite(in, "Code1")->used_by == 8);
    });
  });
}

TEST_CASE("the first inviter of an account stays its inviter") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK_FALSE(accounts::find_inviter(in, 8).has_value());
      accounts::record_referral(in, 8, 7, "Code1", now);
      accounts::record_referral(in, 8, 6, "Code2", now);
      CHECK(accounts::find_inviter(in, 8) == 7);
      // The refused second insert left the transaction usable.
      accounts::record_referral(in, 9, 6, "", now);
      CHECK(accounts::find_inviter(in, 9) == 6);
    });
  });
}

TEST_CASE("enterprise, application and circle are loaded with the account, and replaced by the next") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      core::account of;
      of.uid = 1;
      accounts::load_memberships(in, of);
      CHECK(of.enterprise_id == -1);
      CHECK(of.permissions.empty());
      CHECK_FALSE(of.application.has_value());
      CHECK(of.circle.id == 0);
      for (const std::int64_t enterprise : {std::int64_t{12}, largest_uid}) {
        accounts::set_membership(in, 1, enterprise, R"(["orders","会员"])", now);
        accounts::set_application(in, 1, {enterprise, "店 'A'", -1}, now);
        accounts::set_circle(in, {4, "circle", "https://l.example/l", "text with \"quotes\""});
      }
      of.social_circle_id = 4;
      accounts::load_memberships(in, of);
      CHECK(of.enterprise_id == largest_uid);
      CHECK(of.permissions == std::vector<std::string>{"orders", "会员"});
      REQUIRE(of.application.has_value());
      CHECK(of.application->enterprise_id == largest_uid);
      CHECK(of.application->name == "店 'A'");
      CHECK(of.application->state == -1);
      CHECK(of.circle.id == 4);
      CHECK(of.circle.name == "circle");
      CHECK(of.circle.logo == "https://l.example/l");
      CHECK(of.circle.description == "text with \"quotes\"");
      accounts::set_membership(in, 1, 13, "[]", now);
      of.permissions.clear();
      accounts::load_memberships(in, of);
      CHECK(of.permissions.empty());
      core::account stranger;
      stranger.uid = 2;
      stranger.social_circle_id = 99;  // a circle that is not there
      accounts::load_memberships(in, stranger);
      CHECK(stranger.enterprise_id == -1);
      CHECK(stranger.circle.id == 0);
    });
  });
}
