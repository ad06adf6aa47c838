// How hard a message is tried.
#pragma once

#include <cstddef>
#include <cstdint>

namespace smsauth::service {

struct delivery_settings {
  std::size_t queue = 10'000;           ///< messages in hand; beyond them the outbox keeps what the sweep takes later
  std::int64_t tries = 8;               ///< calls of gateways per message
  std::int64_t first_pause_ms = 1'000;  ///< between rounds through all routes; doubles, with jitter
  std::int64_t longest_pause_ms = 30'000;
  std::int64_t wait_ms = 0;  ///< how long a discuzq send waits to hear that every route refused
};

}  // namespace smsauth::service
