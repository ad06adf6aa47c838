#include "store/key_store.hpp"

#include "store/fresh_database.hpp"
#include "store/test_units.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace smsauth;
using store::transaction;
using store::keys::key_row;
using test::fresh_database;
namespace keys = store::keys;

TEST_CASE("keys come back in the order of their making, whole") {
  test::on_each_engine([](fresh_database& db) {
    const std::string sealed(3000, 'k');  // an RSA key, sealed and encoded
    test::write(*db, [&](transaction& in) {
      CHECK(keys::load_all(in).empty());
      CHECK(keys::record(in, {"k2", "es256:2", "es256", sealed, 200, 0}));
      CHECK(keys::record(in, {"k1", "es256:1", "es256", "s1", 100, 0}));
      CHECK(keys::record(in, {"k3", "hs256:1", "hs256", "s3", 200, 0}));
    });
    const auto all = test::read(*db, [](transaction& in) { return keys::load_all(in); });
    REQUIRE(all.size() == 3);
    CHECK(all[0].kid == "k1");
    CHECK(all[1].kid == "k2");
    CHECK(all[2].kid == "k3");
    CHECK(all[1].slot == "es256:2");
    CHECK(all[1].algorithm == "es256");
    CHECK(all[1].sealed_key == sealed);
    CHECK(all[1].created_at == 200);
    CHECK(all[1].retires_at == 0);
  });
}

TEST_CASE("of two nodes that make the same key one wins, and the other may go on in its transaction") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK(keys::record(in, {"k1", "es256:1", "es256", "first", 1, 0}));
      CHECK_FALSE(keys::record(in, {"k2", "es256:1", "es256", "second", 2, 0}));  // the slot is taken
      CHECK_FALSE(keys::record(in, {"k1", "es256:2", "es256", "second", 2, 0}));  // the kid is taken
      CHECK(keys::record(in, {"K1", "ES256:1", "es256", "other case, other key", 3, 0}));
      REQUIRE(keys::load_all(in).size() == 2);
      CHECK(keys::load_all(in)[0].sealed_key == "first");
    });
  });
}

TEST_CASE("a key is retired once: a second retirement does not lengthen its life") {
  test::on_each_engine([](fresh_database& db) {
    test::write(*db, [](transaction& in) {
      CHECK(keys::record(in, {"k1", "a", "es256", "s", 1, 0}));
      CHECK(keys::record(in, {"k2", "b", "es256", "s", 2, 0}));
      keys::retire(in, "k1", 1000);
      keys::retire(in, "k1", 9000);
      keys::retire(in, "nobody", 1000);
      CHECK(keys::load_all(in)[0].retires_at == 1000);
      CHECK(keys::load_all(in)[1].retires_at == 0);
    });
  });
}
