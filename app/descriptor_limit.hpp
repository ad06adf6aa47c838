// File descriptors: a connection is one, and the usual soft limit of 1024 ends before our own limits do.
#pragma once

#include <cstddef>

namespace smsauth::app {

/// Raises the soft limit to the hard one. Best effort; before the first thread.
void raise_descriptor_limit() noexcept;
/// How many of them connections may use; some are kept for the database, the log, the spool and health checks.
std::size_t descriptors_for_connections() noexcept;

}  // namespace smsauth::app
