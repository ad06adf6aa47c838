// A gateway whose provider takes a message by one HTTP request. The provider's part is pure: message to request, reply
// to outcome; connections, deadlines and the difference between "not sent" and "unknown" are here.
#pragma once

#include "net/http_client.hpp"
#include "sms/gateway.hpp"
#include "sms/section.hpp"

#include <memory>
#include <string>

namespace smsauth::sms {

/// One provider's wire format: no I/O, no clock, no state.
class provider {
 public:
  provider() = default;
  provider(const provider&) = delete;
  provider& operator=(const provider&) = delete;
  virtual ~provider() = default;

  /// `host` as the Host field will say it; signed where the provider wants that. `path_prefix` stands before every
  /// target on the wire. `nonce` is 32 lower-case hex digits, fresh for each request.
  virtual net::http_request make_request(const message& what, core::epoch_ms now, std::string_view nonce,
                                         std::string_view host, std::string_view path_prefix) const = 0;
  /// A reply of any status. One that cannot be read is unknown: the provider may have sent.
  virtual outcome read_reply(unsigned status, std::string_view body) const = 0;
  virtual receipt_result read_receipts(const receipt_call& call) const = 0;
};

/// base-url, ca-file, connect-timeout-ms, reply-timeout-ms, connections, insecure-http of a section. `base_url` is the
/// provider's own; empty = the section must name one. Throws section_error.
net::http_client_settings read_http_settings(section& keys, std::string_view base_url);

class http_gateway final : public gateway {
 public:
  http_gateway(std::string name, boost::asio::io_context& where, net::http_client_settings http,
               std::unique_ptr<provider> format);

  std::string_view name() const noexcept override { return name_; }
  bool local() const noexcept override { return false; }
  awaitable<outcome> send(const message& what) override;
  std::int64_t longest_call_ms() const noexcept override { return longest_call_ms_; }
  receipt_result read_receipts(const receipt_call& call) const override { return format_->read_receipts(call); }

 private:
  const std::string name_;
  const std::int64_t longest_call_ms_;
  net::http_client client_;
  const std::unique_ptr<provider> format_;
};

}  // namespace smsauth::sms
