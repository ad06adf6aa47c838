// Gateway `spool:PATH`: one JSON object per message in a file, for development, tests and a relay of the operator's
// own.
//
// The file holds codes in plain text, as every gateway's wire does; it is the one place outside the unsent outbox row
// where they appear (OTP-11), hence mode 0600.
#pragma once

#include "sms/gateway.hpp"
#include "sms/gateways/line_file.hpp"

#include <filesystem>
#include <string>

namespace smsauth::sms {

class spool_gateway : public gateway {
 public:
  /// Throws std::system_error when the file cannot be opened; see line_file.
  explicit spool_gateway(std::filesystem::path path, std::string name = "spool");

  std::string_view name() const noexcept override { return name_; }
  bool local() const noexcept override { return true; }

  /// The line is in the file when this returns. Runs to its end without suspending: one write(2) on the I/O thread
  /// costs less than the way to another thread and back would. accepted, with the message's own id; or rejected,
  /// retry_later, "spool_write".
  awaitable<outcome> send(const message& what) override;

 private:
  line_file file_;
  const std::string name_;
};

/// The line of a message, without a newline: a JSON object with the members id, to, purpose, dialect, code, text, at,
/// in this order. `at` is created_at in UTC with milliseconds (RFC 3339).
std::string spool_line(const message& what);

}  // namespace smsauth::sms
