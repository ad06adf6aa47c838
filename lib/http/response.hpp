// A reply as data; http/connection adds what every reply has (Content-Length, Date, no-store, nosniff, X-Request-Id).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsauth::http {

inline constexpr std::string_view json_content_type = "application/json; charset=utf-8";

struct response {
  response() = default;
  response(int s, std::string b, std::string_view type = json_content_type)
      : status(s), content_type(type), body(std::move(b)) {}

  int status = 200;
  std::string_view content_type = json_content_type;  ///< a literal
  std::string body;
  std::int64_t retry_after_seconds = 0;  ///< > 0: Retry-After
  std::vector<std::pair<std::string_view, std::string>>
      headers;                    ///< further fields; names are literals, values of our own making
  std::string_view fixed_fields;  ///< further fields that many replies share; of a field_lines that outlives them
  bool cacheable = false;         ///< true leaves out Cache-Control: no-store
  bool close = false;             ///< close the connection after this reply
};

}  // namespace smsauth::http
