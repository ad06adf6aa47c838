#include "service/ids.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using smsauth::service::id_floor;
using smsauth::service::time_ordered_id;

TEST_CASE("ids are 32 hex digits, differ, and lie between the floors of their moment and the next") {
  std::set<std::string> seen;
  for (const smsauth::core::epoch_ms at : {0LL, 1LL, 15LL, 16LL, 1'772'962'000'123LL, (1LL << 48) - 2}) {
    for (int i = 0; i < 100; ++i) {
      const std::string id = time_ordered_id(at);
      CHECK(id.size() == 32);
      CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
      CHECK(id >= id_floor(at));
      CHECK(id < id_floor(at + 1));
      CHECK(seen.insert(id).second);
    }
  }
}

TEST_CASE("ids of later moments are greater") {
  std::string last = time_ordered_id(1'772'962'000'000);
  for (smsauth::core::epoch_ms at = 1'772'962'000'001; at < 1'772'962'000'300; ++at) {
    const std::string id = time_ordered_id(at);
    CHECK(last < id);
    last = id;
  }
}

TEST_CASE("a moment before 1970 is the first of all") {
  CHECK(id_floor(-5) == id_floor(0));
}
