#include "support/run_to_end.hpp"

#include "support/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <stdexcept>

namespace smsauth::test {

void run_to_end(io_awaitable<void> coroutine) {
  event_loop loop;
  std::exception_ptr error;
  bool ended = false;
  boost::asio::co_spawn(loop.context(), std::move(coroutine), [&](std::exception_ptr thrown) {
    error = thrown;
    ended = true;
  });
  loop.context().run();
  if (error) std::rethrow_exception(error);
  if (!ended) throw std::logic_error("the coroutine did not end");
}

}  // namespace smsauth::test
