// From a setting to the gateway behind it.
#pragma once

#include "sms/gateway.hpp"

#include <memory>
#include <string>

namespace smsauth::sms {

struct gateway_settings {
  enum class kind : std::uint8_t { spool, log };
  kind type = kind::spool;
  std::string path;  ///< of the spool file
};

/// Throws std::system_error, with the path in its text, when the spool file cannot be opened.
std::unique_ptr<gateway> make_gateway(const gateway_settings& settings);

}  // namespace smsauth::sms
