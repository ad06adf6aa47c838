// What the tests of all providers need: a message, a request read back, outcomes and receipts as text.
#pragma once

#include "sms/http_gateway.hpp"
#include "sms/url_encoding.hpp"
#include "sms/vector_file.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsauth::test {

inline constexpr core::epoch_ms send_time = 1'714'979'289'000;  // 2024-05-06T07:08:09Z

inline sms::message code_to(std::string_view to) {
  sms::message made;
  made.id = "018f0c3e5a2b00112233445566778899";
  made.to = to;
  made.purpose = core::purpose::login;
  made.code = "102938";
  made.text = "\u3010Acme\u3011\u9a8c\u8bc1\u7801102938";
  made.language = "zh";
  made.created_at = send_time;
  made.deadline = send_time + 300'000;
  return made;
}

using make_provider = std::unique_ptr<sms::provider> (*)(sms::section&);

inline std::unique_ptr<sms::provider> provider_of(make_provider make, std::map<std::string, std::string> keys) {
  sms::section section("p", std::move(keys));
  auto made = make(section);
  section.done();
  return made;
}

inline std::string header_of(const net::http_request& request, std::string_view name) {
  for (const auto& each : request.headers) {
    if (each.name == name) return each.value;
  }
  return {};
}

/// The fields of a form or a query, by name.
inline std::map<std::string, std::string> fields_of(std::string_view text) {
  const auto read = sms::parse_fields(text);
  REQUIRE(read);
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : *read)
    CHECK(all.emplace(name, value).second);
  return all;
}

/// "accepted ID", "rejected CLASS CODE", "partial ID CODE", "unknown CODE".
inline std::string text_of(const sms::outcome& result) {
  using kind = sms::outcome::kind;
  const std::string what(sms::to_string(result.what));
  if (result.what == kind::accepted) return what + ' ' + result.provider_id;
  if (result.what == kind::partial) return what + ' ' + result.provider_id + ' ' + result.provider_code;
  if (result.what == kind::unknown) return what + ' ' + result.provider_code;
  return what + ' ' + std::string(sms::to_string(result.reason)) + ' ' + result.provider_code;
}

/// The vectors of replies.json for that vendor.
inline void check_reply_vectors(const sms::provider& format, std::string_view vendor) {
  for (const auto& each : vectors_of("replies", "send-reply-classify", vendor)) {
    CAPTURE(text_of(each.at("id")));
    const auto& in = each.at("inputs").as_object();
    const auto& expected = each.at("expected").as_object();
    const auto status = static_cast<unsigned>(in.at("http_status").as_int64());
    const std::string got = text_of(format.read_reply(status, in.at("body").as_string()));
    const std::string want =
        text_of(expected.at("outcome")) == "accepted"
            ? "accepted " + text_of(expected.at("message_id"))
            : "rejected " + text_of(expected.at("class")) + ' ' + text_of(expected.at("provider_code"));
    CHECK(got == want);
  }
}

/// The vectors of callbacks.json for that vendor; `signed_call` may add what proves the caller.
inline void check_callback_vectors(const sms::provider& format, std::string_view vendor,
                                   const std::function<void(sms::receipt_call&)>& signed_call = {}) {
  for (const auto& each : vectors_of("callbacks", "delivery-report-parse", vendor)) {
    CAPTURE(text_of(each.at("id")));
    const auto& in = each.at("inputs").as_object();
    const auto text = [&](const char* name) { return in.contains(name) ? text_of(in.at(name)) : std::string(); };
    const std::string method = text("method");
    const std::string body = text("body");
    const std::string query = text("query");
    const std::string type = text("content_type");
    sms::receipt_call call;
    call.method = method;
    call.body = body;
    call.query = query;
    call.content_type = type;
    call.now = send_time;
    if (signed_call) signed_call(call);
    const sms::receipt_result read = format.read_receipts(call);
    REQUIRE(read.what == sms::receipt_result::kind::taken);
    const auto& reports = each.at("expected").at("reports").as_array();
    REQUIRE(read.receipts.size() == reports.size());
    for (std::size_t i = 0; i < reports.size(); ++i) {
      const auto& want = reports[i].as_object();
      const sms::receipt& got = read.receipts[i];
      const auto wanted = [&](const char* name) {
        const auto* const found = want.if_contains(name);
        return found == nullptr || found->is_null() ? std::string() : text_of(*found);
      };
      CHECK(got.provider_id == wanted("message_id"));
      CHECK(got.to == wanted("phone"));
      CHECK(sms::to_string(got.state) == wanted("status"));
      CHECK(got.error_code == wanted("error_code"));
      CHECK(got.message_id == wanted("client_ref"));
      if (want.contains("time_local") || want.contains("time_utc")) CHECK(got.at > 0);
    }
  }
}

/// What no reply may do: be taken for an answer, or throw.
inline void check_unreadable_replies(const sms::provider& format) {
  for (const char* body : {"", "<html>", "{", "[]", "null", "1", "\"OK\"", "{}", "{\"Code\":{}}", "{\"code\":null}",
                           "{\"Response\":[]}", "{\"Response\":{}}", "{\"messages\":[]}", "{\"messages\":[{}]}",
                           "{\"messages\":{}}", "{\"code\":[]}", "\xff"}) {
    CAPTURE(body);
    CHECK(format.read_reply(200, body).what == sms::outcome::kind::unknown);
    CHECK(format.read_reply(502, body).what == sms::outcome::kind::unknown);
    CHECK(text_of(format.read_reply(429, body)) == "rejected retry_later http_429");
  }
}

/// Calls that are no receipts are malformed, and none throws.
inline void check_malformed_receipts(const sms::provider& format) {
  for (const char* body : {"", "{", "1", "null", "%zz", "a=%00", "\xff\xfe"}) {
    CAPTURE(body);
    sms::receipt_call call;
    call.method = "POST";
    call.body = body;
    call.content_type = "application/json";
    CHECK(format.read_receipts(call).what != sms::receipt_result::kind::taken);
    call.method = "GET";
    call.query = body;
    CHECK(format.read_receipts(call).what != sms::receipt_result::kind::taken);
  }
}

struct class_row {
  const char* code;
  sms::rejection why;
};

}  // namespace smsauth::test
