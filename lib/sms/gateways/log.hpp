// Gateway `log:`: one log line per message that would have been sent, for trying things out without any delivery.
//
// The line says who and why, never the code or the text: codes do not reach a log (LOG-01, OTP-13). In the dev profile
// the code of a message is told by dialect smssend's reply (the code echo), or by the spool gateway's file.
#pragma once

#include "sms/gateway.hpp"

#include <string>
#include <utility>

namespace smsauth::sms {

class log_gateway : public gateway {
 public:
  explicit log_gateway(std::string name = "log") : name_(std::move(name)) {}

  std::string_view name() const noexcept override { return name_; }
  bool local() const noexcept override { return true; }
  /// Always accepted, with the message's own id.
  awaitable<outcome> send(const message& what) override;

 private:
  const std::string name_;
};

}  // namespace smsauth::sms
