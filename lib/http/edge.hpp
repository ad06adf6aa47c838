// What the connections of one I/O thread share. Touched by that thread alone.
#pragma once

#include "http/response_writer.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace smsauth::http {

/// Ids of requests: 16 hexadecimal digits, different within the process and, but for chance, between processes. They
/// name, they protect nothing.
class request_ids {
 public:
  request_ids();
  /// Writes the next one over `out`.
  void next(std::string& out);

 private:
  std::uint64_t base_;
  std::uint64_t count_ = 0;
};

struct edge {
  edge(server_settings s, const router& r) : settings(std::move(s)), routes(r), fields(settings.server_name) {}

  using clock = std::chrono::steady_clock;

  const server_settings settings;
  const router& routes;
  common_fields fields;
  request_ids ids;
  bool draining = false;  ///< replies say Connection: close
};

}  // namespace smsauth::http
