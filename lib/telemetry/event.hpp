// What one request tells the log: filled on the way by dialect and service, written once by http.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace smsauth::telemetry {

/// Text fields hold literals (string_view) or masked values only. Codes, passwords, tokens and full numbers have no
/// field here on purpose (LOG-01).
struct event {
  std::string request_id;
  std::string_view dialect = "-";
  std::string_view route = "-";  ///< the pattern, never the path: paths carry numbers
  std::string_view method = "-";
  std::string_view purpose = {};
  std::string_view outcome = "ok";  ///< "ok" or the name of an errc
  std::string masked_phone = {};
  std::string phone_hash = {};  ///< keyed: finds all lines of one number without telling it (LOG-01)
  std::string client = {};      ///< client address
  int status = 0;
  std::int64_t duration_us = 0;
  bool quiet = false;  ///< health checks: log at debug level only
};

}  // namespace smsauth::telemetry
