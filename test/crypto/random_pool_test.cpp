#include "crypto/random_pool.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

using namespace smsauth::crypto;

namespace {

int calls = 0;
bool broken = false;

/// 1, 2, …, 251, 1, 2, … over all calls: never 0, so a wiped or unfilled byte shows.
void counting_source(std::span<std::byte> out) {
  static unsigned next = 0;
  ++calls;
  if (broken) throw std::runtime_error("no entropy");
  for (std::byte& b : out)
    b = static_cast<std::byte>(1 + next++ % 251);
}

std::vector<std::byte> taken(random_pool& pool, std::size_t count) {
  std::vector<std::byte> out(count);
  pool.take(out);
  return out;
}

bool holds_zero(const std::vector<std::byte>& bytes) {
  return std::find(bytes.begin(), bytes.end(), std::byte{0}) != bytes.end();
}

}  // namespace

TEST_CASE("small requests share one call of the source and get each byte once") {
  calls = 0;
  random_pool pool(&counting_source);
  std::vector<std::byte> all;
  for (int i = 0; i < 64; ++i) {
    const auto part = taken(pool, 4);
    all.insert(all.end(), part.begin(), part.end());
  }
  CHECK(calls == 1);
  for (std::size_t i = 1; i < all.size(); ++i) {
    const unsigned last = std::to_integer<unsigned>(all[i - 1]);
    CHECK(std::to_integer<unsigned>(all[i]) == (last == 251 ? 1 : last + 1));
  }
  taken(pool, 1);
  CHECK(calls == 2);
}

TEST_CASE("bytes handed out are gone from the pool") {
  random_pool pool(&counting_source);
  taken(pool, 10);
  const auto contents = pool.contents();
  CHECK(std::all_of(contents.begin(), contents.begin() + 10, [](std::byte b) { return b == std::byte{0}; }));
  CHECK(std::none_of(contents.begin() + 10, contents.end(), [](std::byte b) { return b == std::byte{0}; }));
}

TEST_CASE("requests of every size are filled whole") {
  random_pool pool(&counting_source);
  for (std::size_t size = 0; size <= 2 * random_pool::pool_bytes; ++size) {
    CAPTURE(size);
    CHECK_FALSE(holds_zero(taken(pool, size)));
  }
}

TEST_CASE("when the source fails nothing old is handed out, and the pool recovers with it") {
  random_pool pool(&counting_source);
  taken(pool, 100);
  taken(pool, 100);  // 56 bytes are left
  broken = true;
  CHECK_THROWS_AS(taken(pool, 57), std::runtime_error);
  CHECK_THROWS_AS(taken(pool, 1), std::runtime_error);  // what was left is not used after a failure
  CHECK_THROWS_AS(taken(pool, 200), std::runtime_error);
  broken = false;
  CHECK_FALSE(holds_zero(taken(pool, 57)));
}
