#include "ops/error_reply.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace smsauth::ops {

namespace {

/// The vocabulary of core::errc has no words for what a router finds.
std::string_view name_of(int status, core::errc code) {
  switch (status) {
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    default:
      return core::to_string(code);
  }
}

}  // namespace

http::response error_reply(int status, const core::failure& error, const http::request& /*where*/) {
  std::string body = R"({"error":")";
  body += name_of(status, error.code);  // letters and underscores: nothing to escape
  body += R"("})";
  http::response reply(status, std::move(body));
  reply.retry_after_seconds = error.retry_after_seconds;
  return reply;
}

}  // namespace smsauth::ops
