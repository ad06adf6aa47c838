// What the lanes say of themselves to those who ask before they begin.
#include "service/database_lanes.hpp"

#include "service/service_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;

TEST_CASE("the last quarter of a queue is not for new work, but for what ends something") {
  fixture f(store::sql_flavor::sqlite);
  boost::asio::thread_pool workers(service::database_lanes::thread_count(f.where()));
  service::database_lanes lanes(workers, f.node().database, {8, 1});
  boost::asio::io_context context;

  std::promise<void> begun;
  std::promise<void> released;
  const std::shared_future<void> release = released.get_future().share();
  auto hold = [&](store::transaction&) -> core::result<void> {
    begun.set_value();
    release.wait();
    return {};
  };
  auto quick = [](store::transaction&) -> core::result<void> { return {}; };
  std::vector<std::string> outcomes;
  const auto run = [&](auto& work) -> runtime::awaitable<void> {
    const core::result<void> done = co_await lanes.write("one", work);
    outcomes.push_back(outcome(done));
  };
  const auto start = [&](auto& work) {
    boost::asio::co_spawn(context, run(work), boost::asio::detached);
    context.poll();
  };

  CHECK(lanes.takes_new_work());
  start(hold);
  begun.get_future().wait();
  for (int waiting = 0; waiting < 8; ++waiting) {
    CAPTURE(waiting);
    CHECK(lanes.depth() == static_cast<std::size_t>(waiting));
    CHECK(lanes.takes_new_work() == (waiting < 6));
    start(quick);
  }
  CHECK(outcomes.empty());  // all eight were taken
  start(quick);
  CHECK(outcomes == std::vector<std::string>{"busy"});

  released.set_value();
  context.restart();
  context.run();
  CHECK(outcomes.size() == 10);
  CHECK(std::count(outcomes.begin(), outcomes.end(), "ok") == 9);
  CHECK(lanes.takes_new_work());
  lanes.close();
  CHECK_FALSE(lanes.takes_new_work());
}
