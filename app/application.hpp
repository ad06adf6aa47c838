// The composition root: every object of the running server, made in order of need and ended in the reverse order.
#pragma once

#include "app/settings.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>

namespace smsauth::app {

class application {
 public:
  /// Binds the listeners and makes everything that needs no database. Throws configuration_error, or
  /// boost::system::system_error when an address is taken.
  explicit application(settings config);
  ~application();
  application(const application&) = delete;
  application& operator=(const application&) = delete;

  boost::asio::ip::tcp::endpoint endpoint() const;
  std::optional<boost::asio::ip::tcp::endpoint> admin_endpoint() const;

  /// Serves until SIGTERM, SIGINT or stop(). While the database is away it answers 503 and tries again; a refused
  /// login, a newer schema or another master key end it. Returns the exit code.
  int run();
  /// Drains and ends run(). Any thread.
  void stop();
  /// Waits until the database is open and requests are served, or run() has ended. For tests.
  bool wait_until_ready();

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// The other commands. Return the exit code; throw as application does.
int run_migrate(const settings& config);
int run_rotate_keys(const settings& config);

}  // namespace smsauth::app
