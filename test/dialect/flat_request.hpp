// Requests and settings for tests of the flat dialects, made without a server.
#pragma once

#include "core/limits.hpp"
#include "dialect/fields.hpp"
#include "http/request.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsauth::test {

/// A request that owns what http::request only views.
class flat_request {
 public:
  flat_request(std::string_view content_type, std::string body, std::string query = {})
      : body_(std::move(body)), query_(std::move(query)) {
    if (!content_type.empty()) headers_.push_back({"Content-Type", content_type});
    request_.verb = http::method::post;
    request_.method_name = "POST";
    request_.path = "/";
    request_.query = query_;
    request_.headers = headers_;
    request_.body = body_;
    request_.event = &event_;
  }
  flat_request(const flat_request&) = delete;
  flat_request& operator=(const flat_request&) = delete;

  http::request& get() { return request_; }
  const telemetry::event& event() const { return event_; }

 private:
  std::string body_;
  std::string query_;
  std::vector<http::header_field> headers_;
  telemetry::event event_;
  http::request request_;
};

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view form_type = "application/x-www-form-urlencoded";

/// The fields of a JSON body. Precondition: it is one.
inline dialect::fields fields_of(const std::string& json) {
  const core::http_limits limits;
  flat_request request(json_type, json);
  return dialect::fields::read(request.get(), dialect::field_sources{false, true}, limits).value();
}

}  // namespace smsauth::test
