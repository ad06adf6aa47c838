#include "store/task.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using smsauth::store::task;

namespace {

// Waits until somebody resumes it.
struct gate {
  std::vector<std::coroutine_handle<>> waiting;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> who) { waiting.push_back(who); }
  void await_resume() const noexcept {}
};

struct witness {
  explicit witness(int& on) : count(on) { ++count; }
  ~witness() { --count; }
  witness(const witness&) = delete;
  witness& operator=(const witness&) = delete;
  int& count;
};

task<std::string> inner(int depth, gate* at, int& alive) {
  const witness here(alive);
  if (at != nullptr) co_await *at;
  if (depth < 0) throw std::runtime_error("too deep");
  co_return std::to_string(depth);
}

task<std::string> outer(int depth, gate* at, int& alive) {
  const witness here(alive);
  std::string text = "got ";
  const std::string found = co_await inner(depth, at, alive);
  co_return text + found;
}

task<void> nothing(int& alive) {
  const witness here(alive);
  co_return;
}

}  // namespace

TEST_CASE("a task that never waits is done when it is asked") {
  int alive = 0;
  CHECK(outer(7, nullptr, alive).get() == "got 7");
  nothing(alive).get();
  CHECK(alive == 0);
}

TEST_CASE("what a task throws reaches whoever asks, through the tasks between") {
  int alive = 0;
  auto failing = outer(-1, nullptr, alive);
  CHECK_THROWS_WITH(failing.get(), "too deep");
  CHECK(alive == 0);
}

TEST_CASE("a task waits where its inner one waits, and goes on from there") {
  int alive = 0;
  gate place;
  auto waiting = outer(3, &place, alive);
  CHECK(alive == 0);  // not begun
  waiting.start();
  REQUIRE(place.waiting.size() == 1);
  CHECK(alive == 2);
  CHECK_THROWS(waiting.result());
  place.waiting.front().resume();
  CHECK(waiting.result() == "got 3");
}

TEST_CASE("a task that nobody resumes takes everything with it") {
  int alive = 0;
  {
    gate place;
    auto left = outer(3, &place, alive);
    left.start();
    auto moved = std::move(left);
    CHECK(alive == 2);
    const auto never_begun = outer(3, &place, alive);
  }
  CHECK(alive == 0);
}

TEST_CASE("asking a task that waits is an error, not a wait") {
  int alive = 0;
  gate place;
  auto waiting = outer(3, &place, alive);
  CHECK_THROWS_AS(waiting.get(), std::logic_error);
}
