#include "runtime/run_on.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace smsauth;
using core::errc;

namespace {

runtime::awaitable<core::result<std::string>> twice_on(runtime::lane& where, std::string text) {
  auto first = [&]() -> core::result<std::string> { return text + text; };
  const auto doubled = co_await runtime::run_on(where, first);
  if (!doubled) co_return doubled.error();
  auto second = [&]() -> core::result<std::string> { return *doubled + "!"; };
  co_return co_await runtime::run_on(where, second);
}

struct threads_seen {
  std::thread::id before, at_work, after;
};

runtime::awaitable<threads_seen> watch_threads(runtime::lane& where) {
  threads_seen seen;
  seen.before = std::this_thread::get_id();
  auto work = [&]() -> core::result<void> {
    seen.at_work = std::this_thread::get_id();
    return {};
  };
  const auto done = co_await runtime::run_on(where, work);
  CHECK(done.has_value());
  seen.after = std::this_thread::get_id();
  co_return seen;
}

template <class Result>
runtime::awaitable<core::result<Result>> run_failing(runtime::lane& where, errc how) {
  auto work = [&]() -> core::result<Result> {
    if (how == errc::count_) throw std::runtime_error("a bug in the job");
    return core::failure(how, std::int64_t{7});
  };
  co_return co_await runtime::run_on(where, work);
}

runtime::awaitable<core::result<std::unique_ptr<int>>> make_number(runtime::lane& where) {
  auto work = []() -> core::result<std::unique_ptr<int>> { return std::make_unique<int>(42); };
  co_return co_await runtime::run_on(where, work);
}

runtime::awaitable<core::result<int>> number_on(runtime::lane& where, int number) {
  auto work = [&]() -> core::result<int> { return number; };
  co_return co_await runtime::run_on(where, work);
}

// A lane of callable jobs with a pool and an I/O thread (the test's) of its own. The context outlives the lane, as it
// does in the server: a pool thread may still be inside post() when the coroutine that it woke has ended.
struct callable_lane {
  explicit callable_lane(runtime::lane_settings settings = {"test", 1024, 64, 1})
      : one(pool, settings, runtime::run_each) {}

  template <class T>
  T finish(runtime::awaitable<T> coroutine) {
    std::optional<T> value;
    boost::asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr error, T returned) {
      CHECK(error == nullptr);
      value.emplace(std::move(returned));
    });
    context.restart();
    context.run();
    return std::move(value.value());
  }

  boost::asio::io_context context{1};
  boost::asio::thread_pool pool{2};
  runtime::lane one;
};

}  // namespace

TEST_CASE("a coroutine gets what its job returns, job after job") {
  callable_lane lane;
  CHECK(lane.finish(twice_on(lane.one, "ab")).value() == "abab!");
}

TEST_CASE("the job runs on the pool and the coroutine goes on where it came from") {
  callable_lane lane;
  const threads_seen seen = lane.finish(watch_threads(lane.one));
  CHECK(seen.before == std::this_thread::get_id());
  CHECK(seen.at_work != seen.before);
  CHECK(seen.after == seen.before);
}

TEST_CASE("a result that can only be moved arrives") {
  callable_lane lane;
  const auto made = lane.finish(make_number(lane.one));
  REQUIRE(made.has_value());
  CHECK(**made == 42);
}

TEST_CASE("a job's own failure is passed on whole") {
  callable_lane lane;
  const auto failed = lane.finish(run_failing<bool>(lane.one, errc::send_limited));
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == errc::send_limited);
  CHECK(failed.error().retry_after_seconds == 7);
}

TEST_CASE("an exception in a job is errc::internal, and the lane works on") {
  callable_lane lane;
  for (int i = 0; i < 3; ++i) {
    const auto failed = lane.finish(run_failing<std::string>(lane.one, errc::count_));
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == errc::internal);
  }
  CHECK(lane.finish(number_on(lane.one, 5)).value() == 5);
}

TEST_CASE("a job that a full lane refuses is answered busy at once, with a time to come back") {
  callable_lane lane({"test", 1, 1, 1});
  std::latch working(1);
  std::latch go_on(1);
  boost::asio::io_context& context = lane.context;
  std::vector<core::result<int>> answers;
  const auto keep = [&](std::exception_ptr error, core::result<int> answer) {
    CHECK(error == nullptr);
    answers.push_back(answer);
  };
  struct held {
    static runtime::awaitable<core::result<int>> run(runtime::lane& where, std::latch& working, std::latch& go_on) {
      auto work = [&]() -> core::result<int> {
        working.count_down();
        go_on.wait();
        return 0;
      };
      co_return co_await runtime::run_on(where, work);
    }
  };
  boost::asio::co_spawn(context, held::run(lane.one, working, go_on), keep);
  while (context.poll_one() != 0) {
  }
  working.wait();  // the first is being worked on, the second waits, the third finds no room
  boost::asio::co_spawn(context, number_on(lane.one, 1), keep);
  boost::asio::co_spawn(context, number_on(lane.one, 2), keep);
  while (context.poll_one() != 0) {
  }
  REQUIRE(answers.size() == 1);
  REQUIRE_FALSE(answers[0].has_value());
  CHECK(answers[0].error().code == errc::busy);
  CHECK(answers[0].error().retry_after_seconds >= 1);
  go_on.count_down();
  context.run();
  REQUIRE(answers.size() == 3);
  CHECK(answers[1].value() == 0);
  CHECK(answers[2].value() == 1);
}

TEST_CASE("a closed lane answers busy") {
  callable_lane lane;
  lane.one.close();
  const auto refused = lane.finish(number_on(lane.one, 1));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == errc::busy);
}

TEST_CASE("many coroutines of many threads share a lane, each with its own answer") {
  constexpr int io_threads = 4;
  constexpr int per_thread = 500;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts;  // before the lane: they outlive it
  for (int t = 0; t < io_threads; ++t)
    contexts.push_back(std::make_unique<boost::asio::io_context>(1));
  callable_lane lane({"test", io_threads * per_thread, 64, 2});
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < io_threads; ++t) {
    threads.emplace_back([&, t] {
      boost::asio::io_context& context = *contexts[static_cast<std::size_t>(t)];
      for (int i = 0; i < per_thread; ++i) {
        const int number = t * per_thread + i;
        boost::asio::co_spawn(context, number_on(lane.one, number),
                              [&right, number](std::exception_ptr error, core::result<int> answer) {
                                if (error == nullptr && answer && *answer == number) ++right;
                              });
      }
      context.run();
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(right == io_threads * per_thread);
}
