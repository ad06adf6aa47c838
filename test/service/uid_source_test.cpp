// User ids in blocks.
#include "service/uid_source.hpp"

#include "service/service_fixture.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace smsauth;
using namespace smsauth::test;

namespace {

std::int64_t next(fixture& f, test_node& at) {
  const auto uid = f.call(at.uids.next());
  REQUIRE(outcome(uid) == "ok");
  return *uid;
}

}  // namespace

TEST_CASE("one server counts upwards and asks the database once per block") {
  fixture f(store::sql_flavor::sqlite);
  const std::int64_t first = next(f, f.node());
  CHECK(first == 1);
  const std::uint64_t statements = f.node().database.counters().statements;
  for (std::int64_t i = 1; i < service::uid_source::block_size; ++i)
    CHECK(next(f, f.node()) == first + i);
  CHECK(f.node().database.counters().statements == statements);
  CHECK(next(f, f.node()) == first + service::uid_source::block_size);
  CHECK(f.node().database.counters().statements > statements);
}

TEST_CASE("two servers never give out the same") {
  with_services([](fixture& f) {
    const auto second = f.new_node();
    std::set<std::int64_t> seen;
    for (int i = 0; i < 250; ++i) {
      CHECK(seen.insert(next(f, f.node())).second);
      CHECK(seen.insert(next(f, *second)).second);
    }
  });
}

TEST_CASE("an uid given back is given out next, once") {
  fixture f(store::sql_flavor::sqlite);
  const std::int64_t first = next(f, f.node());
  const std::int64_t second = next(f, f.node());
  f.node().uids.give_back(first);
  CHECK(next(f, f.node()) == first);
  CHECK(next(f, f.node()) == second + 1);
}
