// Who makes a call: what every service function needs to know about the request beside its own fields.
#pragma once

#include "core/purpose.hpp"
#include "telemetry/event.hpp"

#include <string>
#include <string_view>

namespace smsauth::service {

/// Views live as long as the request.
struct caller {
  caller(core::dialect d, std::string_view client, std::string_view client_limit_key, std::string_view agent,
         telemetry::event& e)
      : dialect(d), address(client), limit_key(client_limit_key), user_agent(agent), event(&e) {}

  core::dialect dialect;
  std::string_view address;    ///< client address, text
  std::string_view limit_key;  ///< what address limits count: IPv4 address or IPv6 /64
  std::string_view user_agent;
  telemetry::event* event;  ///< services note purpose and masked phone in it
};

}  // namespace smsauth::service
