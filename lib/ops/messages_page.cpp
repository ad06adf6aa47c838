#include "ops/messages_page.hpp"

#include "ops/error_reply.hpp"
#include "service/ids.hpp"
#include "sms/url_encoding.hpp"
#include "sms/wire_json.hpp"
#include "sms/wire_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <utility>

namespace smsauth::ops {

namespace json = boost::json;

namespace {

constexpr int ok = 200;
constexpr int bad_request = 400;
constexpr int service_unavailable = 503;
constexpr std::int64_t retry_seconds = 1;
constexpr int max_hours = 24 * 7;

http::response failure(int status, core::errc code, const http::request& where) {
  http::response reply = error_reply(status, core::failure(code), where);
  if (status == service_unavailable) reply.retry_after_seconds = retry_seconds;
  return reply;
}

json::object refusal_json(const store::deliveries::refusal& of) {
  json::object made;
  made["at"] = sms::utc_time(of.refused_at);
  made["reason"] = of.reason;
  made["purpose"] = of.purpose;
  made["dialect"] = of.dialect;
  made["address"] = of.address;
  made["times"] = of.hits;
  return made;
}

http::awaitable<http::response> serve_history(message_desk& desk, http::request& request) {
  const auto asked = sms::parse_wire_json(request.body);
  const std::string number = asked ? sms::wire_text(*asked, "to") : std::string();
  const auto phone = core::parse_phone(number, 86, desk.phones);
  if (!phone) {
    http::response refused =
        failure(bad_request, asked ? core::errc::invalid_phone : core::errc::malformed_request, request);
    co_return refused;
  }
  const bool full = sms::wire_text(*asked, "full") == "true";
  auto read = [&](store::transaction& in) -> core::result<service::phone_history> {
    return service::load_history(in, phone->e164());
  };
  const auto found = co_await desk.database.read(read);
  if (!found) {
    http::response later = failure(service_unavailable, found.error().code, request);
    co_return later;
  }
  http::response reply(ok, history_json(*found, *phone, full, desk.time.now()));
  co_return reply;
}

int hours_of(std::string_view query) {
  const auto fields = sms::parse_fields(query);
  const auto text = fields ? sms::find_field(*fields, "hours") : std::nullopt;
  if (fields && fields->empty()) return 24;
  int hours = 0;
  if (!text) return 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), hours);
  return error == std::errc() && end == text->data() + text->size() && hours <= max_hours ? hours : 0;
}

http::awaitable<http::response> serve_summary(message_desk& desk, http::request& request) {
  const int hours = hours_of(request.query);
  if (hours < 1) {
    http::response refused = failure(bad_request, core::errc::invalid_field, request);
    co_return refused;
  }
  const core::epoch_ms now = desk.time.now();
  service::delivery_summary sum(desk.prices);
  std::string from = service::id_floor(now - hours * core::ms_per_hour);
  const std::string below = service::id_floor(now + 1);
  std::int64_t left = service::summary_messages / service::summary_chunk;
  while (!from.empty() && left-- > 0) {
    auto read = [&](store::transaction& in) -> core::result<std::string> {
      return service::summarize_chunk(in, sum, from, below);
    };
    auto next = co_await desk.database.read(read);
    if (!next) {
      http::response later = failure(service_unavailable, next.error().code, request);
      co_return later;
    }
    from = std::move(*next);
  }
  http::response reply(ok, summary_json(sum, desk.prices, !from.empty()));
  co_return reply;
}

}  // namespace

std::string history_json(const service::phone_history& of, const core::phone_number& phone, bool full,
                         core::epoch_ms now) {
  json::array messages;
  for (const service::message_history& each : of.messages) {
    json::array events;
    for (const service::timeline_event& step : service::timeline_of(each, now)) {
      json::object event;
      event["at"] = sms::utc_time(step.at);
      event["what"] = step.what;
      for (const auto& [name, value] : step.facts)
        event[name] = value;
      events.push_back(std::move(event));
    }
    json::object message;
    message["id"] = each.message.id;
    message["purpose"] = each.message.purpose;
    message["dialect"] = each.message.dialect;
    message["state"] = service::to_string(each.message.what);
    message["events"] = std::move(events);
    messages.push_back(std::move(message));
  }
  json::array refusals;
  for (const auto& each : of.refusals)
    refusals.push_back(refusal_json(each));
  json::object all;
  all["phone"] = full ? phone.e164() : phone.masked();
  all["messages"] = std::move(messages);
  all["refusals"] = std::move(refusals);
  return json::serialize(all);
}

std::string summary_json(const service::delivery_summary& of, const sms::price_list& prices, bool truncated) {
  json::array rows;
  for (const auto& [key, row] : of.rows()) {
    json::object made;
    made["hour"] = sms::utc_time(key.hour);
    made["gateway"] = key.gateway;
    made["country"] = key.country;
    made["dialect"] = key.dialect;
    made["messages"] = row.messages;
    made["accepted"] = row.accepted;
    made["failed"] = row.failed;
    made["delivered"] = row.delivered;
    made["verified"] = row.verified;
    made["parts"] = row.parts;
    made["cost_micros"] = row.cost_micros;
    made["mean_call_ms"] = row.calls == 0 ? 0 : row.calls_ms / row.calls;
    made["mean_delivery_ms"] = row.delivered == 0 ? 0 : row.delivery_ms / row.delivered;
    rows.push_back(std::move(made));
  }
  json::object all;
  all["currency"] = prices.currency();
  all["rows"] = std::move(rows);
  all["truncated"] = truncated;
  return json::serialize(all);
}

void add_message_routes(http::router& routes, const http::route_group& group, message_desk& desk) {
  http::route history;
  history.pattern = "/messages";
  history.methods = {http::method::post};
  history.serve = [&desk](http::request& request) { return serve_history(desk, request); };
  routes.add(group, std::move(history));
  http::route summary;
  summary.pattern = "/deliveries";
  summary.methods = {http::method::get};
  summary.serve = [&desk](http::request& request) { return serve_summary(desk, request); };
  summary.safe = true;
  routes.add(group, std::move(summary));
}

}  // namespace smsauth::ops
