#include "service/run_together.hpp"

#include "support/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>

#include <array>
#include <exception>
#include <latch>
#include <stdexcept>
#include <thread>

namespace smsauth::test {

void run_together(std::vector<runtime::awaitable<void>> calls) {
  struct ending {
    bool ended = false;
    std::exception_ptr error;
  };
  std::vector<ending> endings(calls.size());
  std::array<event_loop, io_threads> loops;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    boost::asio::co_spawn(loops[i % io_threads].context(), std::move(calls[i]),
                          [&endings, i](std::exception_ptr error) {
                            endings[i].error = error;
                            endings[i].ended = true;
                          });
  }
  {
    std::latch start(static_cast<std::ptrdiff_t>(io_threads));
    std::vector<std::jthread> threads;
    for (event_loop& loop : loops) {
      threads.emplace_back([&start, &loop] {
        start.arrive_and_wait();
        loop.context().run();
      });
    }
  }
  for (const ending& each : endings) {
    if (each.error) std::rethrow_exception(each.error);
    if (!each.ended) throw std::logic_error("a call did not end");
  }
}

}  // namespace smsauth::test
