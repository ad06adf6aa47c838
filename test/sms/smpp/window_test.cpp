#include "sms/smpp/window.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <string>

using namespace smsauth;
using sms::smpp::window;
using clock_type = window::clock;

namespace {

/// Notes how each wait ended: "a+ b-" = a has a place, b has none.
class takers {
 public:
  explicit takers(std::size_t places) : places_of(where, places) {}

  void take(char name, clock_type::time_point deadline = clock_type::time_point::max()) {
    boost::asio::co_spawn(where, places_of.take(deadline), [this, name](const std::exception_ptr& thrown, bool got) {
      if (thrown) std::rethrow_exception(thrown);
      if (!log.empty()) log += ' ';
      log.append(1, name).append(1, got ? '+' : '-');
    });
    turn();
  }
  void turn() {
    where.restart();
    where.poll();
  }

  boost::asio::io_context where{1};
  window places_of;
  std::string log;
};

}  // namespace

TEST_CASE("smpp window: begins shut, and gives its places in the order of asking") {
  takers t(2);
  for (const char name : {'a', 'b', 'c', 'd'})
    t.take(name);
  CHECK(t.log.empty());
  t.places_of.open();
  t.turn();
  CHECK(t.log == "a+ b+");
  t.places_of.give();
  t.take('e');
  CHECK(t.log == "a+ b+ c+");
  t.places_of.give();
  t.places_of.give();
  t.turn();
  CHECK(t.log == "a+ b+ c+ d+ e+");
  CHECK(t.places_of.taken() == 2);
}

TEST_CASE("smpp window: shut, it takes places back and gives none") {
  takers t(1);
  t.places_of.open();
  t.take('a');
  t.places_of.shut();
  t.take('b');
  t.places_of.give();
  t.turn();
  CHECK(t.log == "a+");
  CHECK(t.places_of.taken() == 0);
  t.places_of.open();
  t.turn();
  CHECK(t.log == "a+ b+");
}

TEST_CASE("smpp window: a wait ends at its deadline, and the next in line is not held up") {
  takers t(1);
  t.places_of.open();
  t.take('a');
  t.take('b', clock_type::now() + std::chrono::milliseconds(5));
  t.take('c');
  const auto limit = clock_type::now() + std::chrono::seconds(20);
  while (t.log != "a+ b-" && clock_type::now() < limit) {
    t.where.restart();
    t.where.run_one_for(std::chrono::milliseconds(5));
  }
  CHECK(t.log == "a+ b-");
  t.places_of.give();
  t.turn();
  CHECK(t.log == "a+ b- c+");
}

TEST_CASE("smpp window: those are dismissed whose deadline is too early") {
  takers t(1);
  const auto now = clock_type::now();
  t.take('a', now + std::chrono::seconds(30));
  t.take('b', now + std::chrono::seconds(50));
  t.take('c', now + std::chrono::seconds(29));
  t.places_of.dismiss_before(now + std::chrono::seconds(50));
  t.turn();
  CHECK(t.log == "a- c-");
  t.places_of.open();
  t.turn();
  CHECK(t.log == "a- c- b+");
  CHECK(t.places_of.taken() == 1);
}
