#include "ops/receipts.hpp"

#include "ops/error_reply.hpp"

#include <utility>
#include <vector>

namespace smsauth::ops {

namespace {

constexpr int ok = 200;
constexpr int bad_request = 400;
constexpr int forbidden = 403;
constexpr int not_found = 404;
constexpr int service_unavailable = 503;
constexpr std::int64_t retry_seconds = 5;

struct receipt_route {
  service::receipt_service* receipts;
  service::clock* time;
  std::string gateway;
  std::string public_url;
};

http::response failure(int status, core::errc code, const http::request& where) {
  http::response reply = error_reply(status, core::failure(code), where);
  if (status == service_unavailable) reply.retry_after_seconds = retry_seconds;
  return reply;
}

http::awaitable<http::response> serve_receipts(const receipt_route& at, http::request& request) {
  http::response missing = failure(not_found, core::errc::internal, request);
  if (!at.receipts->knows(at.gateway, request.path_parameter)) co_return missing;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  headers.reserve(request.headers.size());
  for (const http::header_field& each : request.headers)
    headers.emplace_back(each.name, each.value);
  const std::string url = at.public_url + std::string(request.path);
  sms::receipt_call call;
  call.method = request.method_name;
  call.query = request.query;
  call.content_type = request.header("Content-Type").value_or("");
  call.body = request.body;
  call.headers = headers;
  call.public_url = url;
  call.now = at.time->now();
  auto done = co_await at.receipts->take(at.gateway, call);
  if (!done) {
    http::response later = failure(service_unavailable, done.error().code, request);
    co_return later;
  }
  using kind = sms::receipt_result::kind;
  http::response reply(ok, std::move(done->reply_body), done->reply_content_type);
  if (done->what == kind::forged) reply = failure(forbidden, core::errc::not_authenticated, request);
  if (done->what == kind::malformed) reply = failure(bad_request, core::errc::malformed_request, request);
  if (done->what == kind::not_taken) reply = std::move(missing);
  co_return reply;
}

}  // namespace

void add_receipt_routes(http::router& routes, service::receipt_service& receipts, service::clock& time,
                        const std::string& public_url) {
  http::route_group group;
  group.name = "receipts";
  group.prefixes = {"/receipts/"};
  group.on_error = error_reply;
  const http::route_group& added = routes.add_group(std::move(group));
  for (const std::string& name : receipts.names()) {
    http::route entry;
    entry.pattern = "/receipts/" + name + "/{secret}";
    entry.methods = {http::method::get, http::method::post};
    // Copied into the handler, which outlives every call of it.
    const receipt_route at{&receipts, &time, name, public_url};
    entry.serve = [at](http::request& request) { return serve_receipts(at, request); };
    routes.add(added, std::move(entry));
  }
}

}  // namespace smsauth::ops
