#include "store/delivery_store.hpp"

#include "store/fresh_database.hpp"
#include "store/outbox_store.hpp"
#include "store/test_units.hpp"
#include "store/verification_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

using namespace smsauth;
using store::transaction;
using test::fresh_database;
namespace deliveries = store::deliveries;
namespace outbox = store::outbox;

namespace {

constexpr core::epoch_ms now = 1'790'000'000'000;
const std::string phone = "+8613800138000";

void told(fresh_database& db, std::int64_t state, const std::string& code) {
  test::write(*db, [&](transaction& in) { deliveries::record_receipt(in, "ali", "id", {state, code, now, now}); });
}

outbox::message_row message(const std::string& id) {
  outbox::message_row row;
  row.id = id;
  row.phone = phone;
  row.purpose = "login";
  row.dialect = "v4";
  row.sealed_body = "sealed";
  row.created_at = now;
  row.expires_at = now + 300'000;
  row.address = "192.0.2.7";
  return row;
}

}  // namespace

TEST_CASE("tries at gateways are read back as they were written, in the order of their time, over-long texts cut") {
  test::on_each_engine([](fresh_database& db) {
    const std::vector<deliveries::attempt> all{
        {"m1", now + 5, "tx", "accepted", "", "", std::string(200, 'i'), 2, 31},
        {"m1", now, "ali", "rejected", "retry_later", std::string(80, 'c'), "", 1, 7},
        {"m2", now, "ali", "unknown", "", "timeout", "", 1, 5000}};
    test::write(*db, [&](transaction& in) {
      deliveries::record_attempts(in, all);
      deliveries::record_attempts(in, all);  // run again after a lost connection
    });
    test::write(*db, [&](transaction& in) {
      const auto found = deliveries::attempts_of(in, "m1");
      REQUIRE(found.size() == 2);
      CHECK(found[0].gateway == "ali");
      CHECK(found[0].rejection == "retry_later");
      CHECK(found[0].provider_code == std::string(64, 'c'));
      CHECK(found[1].outcome == "accepted");
      CHECK(found[1].provider_id == std::string(128, 'i'));
      CHECK(found[1].parts == 2);
      CHECK(found[1].took_ms == 31);
      CHECK(deliveries::attempts_in_range(in, "m1", "m2").size() == 2);
      CHECK(deliveries::attempts_in_range(in, "m1", "m3").size() == 3);
    });
  });
}

TEST_CASE("R-12: receipts are idempotent in any order: a final state stays") {
  test::on_each_engine([](fresh_database& db) {
    const auto state = [&] {
      std::int64_t found = -1;
      test::write(*db, [&](transaction& in) { found = deliveries::receipt_of(in, "ali", "id").value().state; });
      return found;
    };
    told(db, 0, "");
    told(db, 1, "");
    CHECK(state() == 1);
    told(db, 0, "LATE");
    CHECK(state() == 1);
    told(db, 2, "");
    told(db, 2, "");
    CHECK(state() == 2);
    told(db, 1, "LATE");
    told(db, 3, "LATE");
    CHECK(state() == 2);
    test::write(*db, [](transaction& in) {
      CHECK(deliveries::receipt_of(in, "ali", "id")->error_code.empty());
      CHECK_FALSE(deliveries::receipt_of(in, "tx", "id"));
      CHECK_FALSE(deliveries::receipt_of(in, "ali", "ID"));
    });
    CHECK(db.outside().number("SELECT COUNT(*) FROM delivery_receipt") == 1);
  });
}

TEST_CASE("refusals of one number, newest first") {
  test::on_each_engine([](fresh_database& db) {
    std::vector<deliveries::refusal> all;
    for (const char* const id : {"r1", "r2", "r3"})
      all.push_back({id, phone, "login", "v4", "192.0.2.7", "send_too_soon", now, 2});
    all.push_back({"r4", "+8613800138001", "login", "v4", "192.0.2.7", "send_limited", now, 1});
    test::write(*db, [&](transaction& in) {
      deliveries::record_refusals(in, all);
      all[1].address = "192.0.2.8";
      all[1].refused_at = now + 9;
      deliveries::record_refusals(in, all);
      const auto found = deliveries::refusals_of(in, phone, "r2", 10);
      REQUIRE(found.size() == 2);
      CHECK(found[0].id == "r3");
      CHECK(found[1].id == "r2");
      CHECK(found[1].reason == "send_too_soon");
      CHECK(found[1].hits == 4);
      CHECK(found[1].address == "192.0.2.8");
      CHECK(found[1].refused_at == now + 9);
      CHECK(deliveries::refusals_of(in, phone, "", 1).size() == 1);
    });
  });
}

TEST_CASE("a message's history: who asked, which gateway had it, when its code was used") {
  test::on_each_engine([](fresh_database& db) {
    const std::string id = "m1";
    test::write(*db, [&](transaction& in) {
      outbox::record(in, message(id), "node", now + 30'000).get();
      store::verification::record(in, phone, core::purpose::login, std::string(64, 'a'), id, now, now + 300'000).get();
      outbox::finish(in, std::span(&id, 1), outbox::state::handed_over, "ali", now + 3);
      outbox::note_used(in, phone, "login", "", now + 9'000).get();
      outbox::note_used(in, phone, "login", "", now + 10'000).get();  // once: the first use counts
      outbox::note_used(in, phone, "bind", "", now + 10'000).get();
      const auto found = outbox::of_phone(in, phone, "", 10);
      REQUIRE(found.size() == 1);
      CHECK(found[0].address == "192.0.2.7");
      CHECK(found[0].gateway == "ali");
      CHECK(found[0].what == outbox::state::handed_over);
      CHECK(found[0].finished_at == now + 3);
      CHECK(found[0].used_at == now + 9'000);
      CHECK(outbox::in_range(in, "m0", "m1", 10).empty());
      CHECK(outbox::in_range(in, "m1", "m2", 10).size() == 1);
    });
  });
}

TEST_CASE("a lease is prolonged for its owner, while the message's code is the one that counts") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [&](transaction& in) {
      outbox::record(in, message("m1"), "node", now + 30'000).get();
      store::verification::record(in, phone, core::purpose::login, std::string(64, 'a'), "m1", now, now + 300'000)
          .get();
      CHECK(outbox::renew(in, message("m1"), "node", now, now + 60'000));
      CHECK_FALSE(outbox::take_over(in, "m1", "other", now + 59'999, now + 90'000));
      CHECK_FALSE(outbox::renew(in, message("m1"), "other", now, now + 90'000));
      CHECK(outbox::take_over(in, "m1", "other", now + 60'000, now + 90'000));
      CHECK_FALSE(outbox::renew(in, message("m1"), "node", now, now + 90'000));
      CHECK(outbox::of_phone(in, phone, "", 1)[0].what == outbox::state::pending);
      // A newer code of this purpose: nobody wants the older message any more.
      store::verification::record(in, phone, core::purpose::login, std::string(64, 'b'), "m2", now, now + 300'000)
          .get();
      CHECK_FALSE(outbox::renew(in, message("m1"), "other", now, now + 120'000));
      CHECK(outbox::of_phone(in, phone, "", 1)[0].what == outbox::state::expired);
    });
  });
}
