#include "runtime/lane.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

using namespace smsauth;
using runtime::lane;
using runtime::lane_job;

namespace {

// A door that threads wait at until it is opened.
class door {
 public:
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

struct numbered_job final : lane_job {
  numbered_job(boost::asio::io_context& owner, int number) : lane_job(owner), number_(number) {}
  void complete() override {
    completed_on_ = std::this_thread::get_id();
    ++completions_;
    if (order_ != nullptr) order_->push_back(number_);
  }
  void abandon() noexcept override { ++abandoned_; }

  int number_;
  int completions_ = 0;
  int abandoned_ = 0;
  std::thread::id completed_on_;
  std::vector<int>* order_ = nullptr;
};

struct jobs {
  /// Of an owner of their own, which runs when the test says so.
  explicit jobs(int count) : own(std::make_unique<boost::asio::io_context>(1)) { make(*own, count); }
  jobs(boost::asio::io_context& owner, int count) { make(owner, count); }

  void make(boost::asio::io_context& owner, int count) {
    for (int i = 0; i < count; ++i)
      all.push_back(std::make_unique<numbered_job>(owner, i));
  }
  numbered_job& operator[](std::size_t i) { return *all[i]; }

  std::vector<std::unique_ptr<numbered_job>> all;
  std::unique_ptr<boost::asio::io_context> own;  // last: completions still queued in it touch the jobs
};

int number_of(lane_job* job) {
  return static_cast<numbered_job*>(job)->number_;
}

// A lane whose drains are recorded, and may be held up at a door.
struct recorded_lane {
  explicit recorded_lane(runtime::lane_settings settings, bool held = false) {
    if (!held) held_at.open();
    one.emplace(pool, settings, [this](std::span<lane_job* const> taken) {
      const int now = ++running;
      {
        const std::scoped_lock lock(mutex);
        most_running = std::max(most_running, now);
        batches.emplace_back();
        for (lane_job* job : taken)
          batches.back().push_back(number_of(job));
      }
      begun.open();
      held_at.wait();
      --running;
    });
  }

  std::vector<int> in_order() {
    const std::scoped_lock lock(mutex);
    std::vector<int> all;
    for (const auto& batch : batches)
      all.insert(all.end(), batch.begin(), batch.end());
    return all;
  }

  boost::asio::thread_pool pool{4};
  door begun;    // the first drain has begun
  door held_at;  // drains go on when it is open
  std::atomic<int> running{0};
  std::mutex mutex;
  std::vector<std::vector<int>> batches;
  int most_running = 0;
  std::optional<lane> one;  // last: it uses the others
};

std::vector<int> up_to(int count) {
  std::vector<int> numbers;
  for (int i = 0; i < count; ++i)
    numbers.push_back(i);
  return numbers;
}

}  // namespace

TEST_CASE("jobs are worked on in the order of their coming, in batches no larger than asked for") {
  jobs all(100);
  recorded_lane lane({"test", 1000, 16, 1}, true);
  for (auto& job : all.all)
    CHECK(lane.one->push(*job));
  lane.held_at.open();
  lane.one->close();
  CHECK(lane.in_order() == up_to(100));
  for (const auto& batch : lane.batches)
    CHECK(batch.size() <= 16);
  CHECK(lane.batches.size() >= 7);
  CHECK(lane.batches.size() < 20);  // what waited while the first drain was held came in full batches
  CHECK(lane.most_running == 1);
}

TEST_CASE("a batch larger than 256 jobs is cut") {
  jobs all(600);
  recorded_lane lane({"test", 1000, 100'000, 1}, true);
  for (auto& job : all.all)
    CHECK(lane.one->push(*job));
  lane.held_at.open();
  lane.one->close();
  CHECK(lane.in_order() == up_to(600));
  for (const auto& batch : lane.batches)
    CHECK(batch.size() <= 256);
}

TEST_CASE("a full lane refuses at once, and takes again when there is room") {
  jobs all(7);
  recorded_lane lane({"test", 3, 1, 1}, true);
  CHECK(lane.one->push(all[0]));
  lane.begun.wait();  // job 0 is being worked on: it does not count as waiting
  CHECK(lane.one->depth() == 0);
  for (std::size_t i = 1; i <= 3; ++i)
    CHECK(lane.one->push(all[i]));
  CHECK(lane.one->depth() == 3);
  CHECK_FALSE(lane.one->push(all[4]));
  CHECK_FALSE(lane.one->push(all[5]));
  lane.held_at.open();
  while (lane.one->depth() != 0)
    std::this_thread::yield();
  CHECK(lane.one->push(all[6]));
  lane.one->close();
  CHECK(lane.in_order() == std::vector<int>{0, 1, 2, 3, 6});
  all.own->run();
  CHECK(all[4].completions_ == 0);
  CHECK(all[6].completions_ == 1);
}

TEST_CASE("urgent jobs go first and have room of their own") {
  jobs all(9);
  recorded_lane lane({"test", 3, 2, 1}, true);
  CHECK(lane.one->has_room());
  CHECK(lane.one->push(all[0]));
  lane.begun.wait();
  for (std::size_t i = 1; i <= 3; ++i)
    CHECK(lane.one->push(all[i]));
  CHECK_FALSE(lane.one->has_room());
  CHECK_FALSE(lane.one->push(all[4]));
  for (std::size_t i = 5; i <= 7; ++i)
    CHECK(lane.one->push(all[i], runtime::urgency::urgent));
  CHECK_FALSE(lane.one->push(all[8], runtime::urgency::urgent));
  CHECK(lane.one->depth() == 6);
  lane.held_at.open();
  lane.one->close();
  CHECK_FALSE(lane.one->has_room());
  CHECK(lane.in_order() == std::vector<int>{0, 5, 6, 7, 1, 2, 3});
}

TEST_CASE("jobs of low urgency leave the last quarter to the others") {
  jobs all(10);
  recorded_lane lane({"test", 8, 1, 1}, true);
  CHECK(lane.one->push(all[0]));
  lane.begun.wait();
  for (std::size_t i = 1; i <= 6; ++i) {
    CHECK(lane.one->has_room(runtime::urgency::low));
    CHECK(lane.one->push(all[i], runtime::urgency::low));
  }
  CHECK_FALSE(lane.one->has_room(runtime::urgency::low));
  CHECK_FALSE(lane.one->push(all[9], runtime::urgency::low));
  CHECK(lane.one->push(all[7]));
  CHECK(lane.one->push(all[8]));
  CHECK_FALSE(lane.one->push(all[9]));
  CHECK(lane.one->has_room(runtime::urgency::urgent));
  lane.held_at.open();
  lane.one->close();
  CHECK(lane.in_order() == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("as many drains at a time as there are workers") {
  jobs all(40);
  recorded_lane lane({"test", 100, 1, 3}, true);
  for (auto& job : all.all)
    CHECK(lane.one->push(*job));
  while (lane.running < 3)
    std::this_thread::yield();
  CHECK(lane.one->depth() == 37);
  lane.held_at.open();
  lane.one->close();
  CHECK(lane.most_running == 3);
  auto seen = lane.in_order();
  std::sort(seen.begin(), seen.end());
  CHECK(seen == up_to(40));
}

namespace {

// A lane of one worker whose second stage is recorded, and held up at a door.
struct finishing_lane {
  explicit finishing_lane(runtime::lane_settings settings) {
    one.emplace(
        pool, settings,
        [this](std::span<lane_job* const> taken) {
          const std::scoped_lock lock(mutex);
          drained.push_back(taken.size());
        },
        [this](std::span<lane_job* const> taken) {
          begun.open();
          held_at.wait();
          const std::scoped_lock lock(mutex);
          finished.push_back(taken.size());
          for (lane_job* job : taken)
            order.push_back(number_of(job));
        });
  }
  std::vector<std::size_t> drains() {
    const std::scoped_lock lock(mutex);
    return drained;
  }
  void wait_for_drains(std::size_t count) {
    while (drains().size() < count)
      std::this_thread::yield();
  }

  boost::asio::thread_pool pool{2};
  door begun;
  door held_at;
  std::mutex mutex;
  std::vector<std::size_t> drained;
  std::vector<std::size_t> finished;
  std::vector<int> order;
  std::optional<lane> one;  // last: it uses the others
};

}  // namespace

TEST_CASE("what is drained is complete when it was finished, and the next drain does not wait for that") {
  jobs all(2);
  finishing_lane lane({"test", 100, 8, 1});
  CHECK(lane.one->push(all[0]));
  lane.begun.wait();
  CHECK(lane.one->push(all[1]));
  lane.wait_for_drains(2);
  all.own->poll();
  CHECK(all[0].completions_ + all[1].completions_ == 0);
  lane.held_at.open();
  lane.one->close();
  all.own->restart();
  all.own->run();
  CHECK(all[0].completions_ == 1);
  CHECK(all[1].completions_ == 1);
  CHECK(lane.order == up_to(2));
}

TEST_CASE("beside one that waits to be finished only full batches are drained, and four at most") {
  constexpr int count = 1 + 1 + 8 * 8;
  jobs all(count);
  finishing_lane lane({"test", 1000, 8, 1});
  CHECK(lane.one->push(all[0]));
  lane.begun.wait();  // job 0 is being finished
  CHECK(lane.one->push(all[1]));
  lane.wait_for_drains(2);  // job 1 waits to be
  for (std::size_t i = 2; i < 2 + 7; ++i)
    CHECK(lane.one->push(all[i]));
  for (std::size_t i = 2 + 7; i < count; ++i)
    CHECK(lane.one->push(all[i]));
  lane.wait_for_drains(2 + 4);
  lane.held_at.open();
  lane.one->close();
  const std::vector<std::size_t> first(lane.drained.begin(), lane.drained.begin() + 6);
  CHECK(first == std::vector<std::size_t>{1, 1, 8, 8, 8, 8});
  CHECK(lane.order == up_to(count));
  for (const std::size_t size : lane.finished)
    CHECK(size <= 8);
}

TEST_CASE("closing waits for the jobs that were taken, and takes no more") {
  constexpr int count = 100'000;  // more than can be pushed while a thread begins
  jobs all(count);
  recorded_lane lane({"test", count, 4, 1}, true);
  std::size_t taken = 0;
  while (taken < 20)
    CHECK(lane.one->push(all[taken++]));
  lane.begun.wait();
  std::atomic<bool> closed{false};
  std::thread closer([&] {
    lane.one->close();
    closed = true;
  });
  while (taken < count && lane.one->push(all[taken])) {  // until the closer has come that far
    ++taken;
    std::this_thread::yield();
  }
  CHECK(taken < count);
  CHECK_FALSE(closed);
  lane.held_at.open();
  closer.join();
  CHECK(closed);
  CHECK(lane.running == 0);
  CHECK(lane.one->depth() == 0);
  CHECK(lane.in_order() == up_to(static_cast<int>(taken)));
  CHECK_FALSE(lane.one->push(all[taken]));
  lane.one->close();  // twice is fine
}

TEST_CASE("each job completes once, on its owner's thread, in order per owner") {
  constexpr int owners = 3;
  constexpr int per_owner = 200;
  struct io_thread {
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    std::vector<int> order;
    std::thread thread{[this] { context.run(); }};
  };
  std::vector<std::unique_ptr<io_thread>> io;
  for (int i = 0; i < owners; ++i)
    io.push_back(std::make_unique<io_thread>());
  std::vector<jobs> all;
  for (auto& each : io) {
    all.emplace_back(each->context, per_owner);
    for (auto& job : all.back().all)
      job->order_ = &each->order;
  }
  recorded_lane lane({"test", 10'000, 64, 1});
  for (std::size_t i = 0; i < per_owner; ++i) {
    for (jobs& of_one : all)
      CHECK(lane.one->push(of_one[i]));
  }
  lane.one->close();
  for (std::size_t at = 0; at < owners; ++at) {
    const std::thread::id id = io[at]->thread.get_id();
    io[at]->work.reset();
    io[at]->thread.join();
    CHECK(io[at]->order == up_to(per_owner));
    for (auto& job : all[at].all) {
      CHECK(job->completions_ == 1);
      CHECK(job->completed_on_ == id);
    }
  }
}

TEST_CASE("more owners than one batch keeps lists for are served all the same") {
  constexpr std::size_t owners = 80;
  std::vector<std::unique_ptr<numbered_job>> all;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts;
  for (std::size_t i = 0; i < 2 * owners; ++i) {
    if (i < owners) contexts.push_back(std::make_unique<boost::asio::io_context>(1));
    all.push_back(std::make_unique<numbered_job>(*contexts[i % owners], static_cast<int>(i)));
  }
  recorded_lane lane({"test", 1000, 256, 1}, true);
  for (auto& job : all)
    CHECK(lane.one->push(*job));
  lane.held_at.open();
  lane.one->close();
  for (auto& context : contexts)
    context->run();
  for (auto& job : all)
    CHECK(job->completions_ == 1);
}

TEST_CASE("jobs whose owner is gone before they completed are abandoned, each once") {
  jobs all(20);
  {
    recorded_lane lane({"test", 100, 8, 1}, true);
    for (auto& job : all.all)
      CHECK(lane.one->push(*job));
    lane.held_at.open();
    lane.one->close();
  }
  all.own->run_one();  // one batch completes
  all.own.reset();
  int completed = 0;
  for (auto& job : all.all) {
    CHECK(job->completions_ + job->abandoned_ == 1);
    completed += job->completions_;
  }
  CHECK(completed > 0);
  CHECK(completed < 20);
}

TEST_CASE("many producers: every job that was taken is worked on once and completes once") {
  constexpr int producers = 8;
  constexpr int per_producer = 2'000;
  boost::asio::io_context owner(1);
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work(owner.get_executor());
  std::thread io([&] { owner.run(); });
  std::vector<jobs> all;
  for (int i = 0; i < producers; ++i)
    all.emplace_back(owner, per_producer);
  recorded_lane lane({"test", 64, 16, 2});
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (jobs& mine : all) {
    threads.emplace_back([&] {
      for (auto& job : mine.all) {
        if (lane.one->push(*job)) ++taken;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  lane.one->close();
  work.reset();
  io.join();
  CHECK(taken > 0);
  CHECK(static_cast<int>(lane.in_order().size()) == taken);
  int completed = 0;
  for (jobs& each : all) {
    for (auto& job : each.all) {
      CHECK(job->completions_ <= 1);
      completed += job->completions_;
    }
  }
  CHECK(completed == taken);
}
