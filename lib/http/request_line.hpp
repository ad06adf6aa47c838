// The first line of a request (RFC 9112 section 3), checked before any parser sees it.
#pragma once

#include "http/request.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace smsauth::http {

/// Why a request is not served. The connection is closed after it: who sent it may mean something else by the rest.
struct refusal {
  int status = 400;
  std::string_view outcome = "bad_request";  ///< a literal, for the log
};

struct request_line {
  method verb = method::get;
  std::string_view method_name;
  std::string_view path;  ///< of absolute-form: behind the authority, which is ignored (HTTP-02); "*" for OPTIONS *
  std::string_view query;
  bool http_1_1 = false;
};

/// `line` without its CRLF. Errors: 400; 414 over `target_bytes`; 505 for a version other than 1.0 and 1.1. On an error
/// `out` holds what was understood, so that the error can be told in the shape of the path's dialect.
std::optional<refusal> parse_request_line(std::string_view line, std::size_t target_bytes, request_line& out);

}  // namespace smsauth::http
