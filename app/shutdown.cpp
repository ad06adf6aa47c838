#include "app/shutdown.hpp"

#include "telemetry/log.hpp"

#include <csignal>
#include <unistd.h>

namespace smsauth::app {

shutdown_signals::shutdown_signals(boost::asio::io_context& where, std::function<void()> on_first)
    : signals_(where, SIGTERM, SIGINT), on_first_(std::move(on_first)) {
  std::signal(SIGPIPE, SIG_IGN);
  wait();
}

void shutdown_signals::wait() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    if (++seen_ > 1) ::_exit(1);  // the operator insists: what is committed is safe, nothing else is waited for
    telemetry::log(telemetry::log_level::info, "signal", {{"number", static_cast<std::int64_t>(number)}});
    on_first_();
    wait();
  });
}

}  // namespace smsauth::app
