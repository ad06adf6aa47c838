#include "service/clock.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

using smsauth::core::epoch_ms;

TEST_CASE("the clock tells the system's time") {
  smsauth::service::clock clock;
  const epoch_ms system =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  CHECK(std::abs(clock.now() - system) <= 1'000);
}

TEST_CASE("R-21: the clock never goes back, whichever thread asks") {
  smsauth::service::clock clock;
  std::vector<std::vector<epoch_ms>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : seen) {
      threads.emplace_back([&clock, &mine] {
        for (int i = 0; i < 20'000; ++i)
          mine.push_back(clock.now());
      });
    }
  }
  for (const auto& each : seen)
    CHECK(std::is_sorted(each.begin(), each.end()));
}
