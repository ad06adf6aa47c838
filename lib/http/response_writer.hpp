// A reply as bytes: one contiguous piece, appended to the connection's buffer (performance: 1.2 us less than Beast's
// message and serializer).
#pragma once

#include "http/response.hpp"

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace smsauth::http {

/// The fields that all replies of one second have in common: Server and Date. One per I/O thread.
class common_fields {
 public:
  explicit common_fields(std::string server_name);
  /// "Server: smsauthd\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
  const std::string& at(std::time_t now);

 private:
  std::string server_name_;
  std::time_t second_ = -1;
  std::string text_;
};

/// Fields checked and written once and for all, not for every reply.
class field_lines {
 public:
  /// Throws std::logic_error when the field could end the line it stands in (CWE-113).
  void add(std::string_view name, std::string_view value);
  std::string_view text() const noexcept { return text_; }

 private:
  std::string text_;
};

enum class connection_option : std::uint8_t { none, keep_alive, close };

/// How a reply is framed.
struct reply_frame {
  std::string_view common;      ///< of common_fields
  std::string_view request_id;  ///< empty: no X-Request-Id
  connection_option connection = connection_option::none;
  bool head = false;  ///< the fields of the reply, without its body (RFC 9110 section 9.3.2)
};

/// Appends status line, fields and body. Throws std::logic_error when a field of `reply` could end the line it stands
/// in (CWE-113), std::bad_alloc; `out` is as before then.
void write_response(std::string& out, const response& reply, const reply_frame& frame);

/// IMF-fixdate (RFC 9110 section 5.6.7), always in English.
std::string http_date(std::time_t time);

}  // namespace smsauth::http
