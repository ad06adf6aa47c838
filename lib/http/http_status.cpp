#include "http/http_status.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace smsauth::http {

namespace {

struct status_row {
  int status;
  std::string_view phrase;
  std::string_view name;  ///< of those that the edge answers itself
};

constexpr std::array rows{
    status_row{200, "OK", {}},
    status_row{201, "Created", {}},
    status_row{202, "Accepted", {}},
    status_row{204, "No Content", {}},
    status_row{301, "Moved Permanently", {}},
    status_row{302, "Found", {}},
    status_row{303, "See Other", {}},
    status_row{304, "Not Modified", {}},
    status_row{307, "Temporary Redirect", {}},
    status_row{308, "Permanent Redirect", {}},
    status_row{400, "Bad Request", "bad_request"},
    status_row{401, "Unauthorized", {}},
    status_row{403, "Forbidden", {}},
    status_row{404, "Not Found", "not_found"},
    status_row{405, "Method Not Allowed", "method_not_allowed"},
    status_row{406, "Not Acceptable", {}},
    status_row{408, "Request Timeout", "request_timeout"},
    status_row{409, "Conflict", {}},
    status_row{410, "Gone", {}},
    status_row{411, "Length Required", {}},
    status_row{413, "Content Too Large", "body_too_large"},
    status_row{414, "URI Too Long", "target_too_long"},
    status_row{415, "Unsupported Media Type", {}},
    status_row{417, "Expectation Failed", "expectation_failed"},
    status_row{422, "Unprocessable Content", {}},
    status_row{429, "Too Many Requests", {}},
    status_row{431, "Request Header Fields Too Large", "header_too_large"},
    status_row{500, "Internal Server Error", "internal"},
    status_row{501, "Not Implemented", "not_implemented"},
    status_row{502, "Bad Gateway", {}},
    status_row{503, "Service Unavailable", "busy"},
    status_row{504, "Gateway Timeout", {}},
    status_row{505, "HTTP Version Not Supported", "version_not_supported"},
};

constexpr std::int64_t busy_retry_seconds = 1;

const status_row* find(int status) noexcept {
  const auto found =
      std::lower_bound(rows.begin(), rows.end(), status, [](const status_row& row, int s) { return row.status < s; });
  return found != rows.end() && found->status == status ? &*found : nullptr;
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  const status_row* row = find(status);
  return row == nullptr ? std::string_view("Status") : row->phrase;
}

std::string_view error_name(int status) noexcept {
  const status_row* row = find(status);
  return row == nullptr || row->name.empty() ? std::string_view("error") : row->name;
}

core::failure failure_of(int status) noexcept {
  switch (status) {
    case 500:
      return core::errc::internal;
    case 503:
      return {core::errc::busy, busy_retry_seconds};
    default:
      return core::errc::malformed_request;
  }
}

}  // namespace smsauth::http
