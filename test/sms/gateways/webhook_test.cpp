#include "sms/gateways/webhook.hpp"

#include "sms/gateways/provider_case.hpp"

#include <boost/json/parse.hpp>

#include <array>

using namespace smsauth;
using namespace smsauth::test;
using sms::rejection;
using kind = sms::receipt_result::kind;

namespace {

const std::string secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const std::string old_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::unique_ptr<sms::provider> webhook(const std::string& secrets = secret) {
  return provider_of(sms::make_webhook, {{"secret", secrets}});
}

// A call with the three fields.
struct signed_call {
  signed_call(std::string text, std::int64_t at, std::string signatures)
      : body(std::move(text)), timestamp(std::to_string(at)), signature(std::move(signatures)) {
    headers = {{{"webhook-id", "msg_1"}, {"webhook-timestamp", timestamp}, {"webhook-signature", signature}}};
    call.method = "POST";
    call.body = body;
    call.headers = headers;
    call.now = send_time;
  }
  std::string body;
  std::string timestamp;
  std::string signature;
  std::array<std::pair<std::string_view, std::string_view>, 3> headers;
  sms::receipt_call call;
};

constexpr std::int64_t now = send_time / 1000;

std::string signature_of(const std::string& body, std::int64_t at, const std::string& by = secret) {
  return sms::webhook_signature("msg_1", at, body, sms::webhook_key(by).value());
}

}  // namespace

TEST_CASE("Webhook: signatures are those of Standard Webhooks") {
  for (const auto& each : vectors_of("standard-webhooks", "standard-webhooks-v1")) {
    CAPTURE(text_of(each.at("id")));
    const auto& in = each.at("inputs").as_object();
    const auto key = sms::webhook_key(text_of(in.at("secret")));
    REQUIRE(key);
    CHECK(sms::webhook_signature(text_of(in.at("webhook_id")), in.at("webhook_timestamp").as_int64(),
                                 text_of(in.at("body")), *key) == text_of(each.at("expected").at("webhook_signature")));
  }
}

TEST_CASE("Webhook: secrets with and without their version; short, long and other ones are none") {
  CHECK(sms::webhook_key("v1," + secret) == sms::webhook_key(secret));
  for (const auto* wrong : {"", "whsec_", "whsec_MDEy", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "whsec_!"})
    CHECK_FALSE(sms::webhook_key(wrong));
  CHECK_THROWS_AS(webhook(secret + "|x"), sms::section_error);
}

TEST_CASE("Webhook: a request is JSON, signed by every secret, with the message's id for each try") {
  const auto request =
      webhook(secret + "|" + old_secret)->make_request(code_to("+8613800138000"), send_time, "n", "h", "/hook");
  CHECK(request.target.empty());
  const auto body = boost::json::parse(request.body);
  CHECK(text_of(body.at("to")) == "+8613800138000");
  CHECK(text_of(body.at("code")) == "102938");
  CHECK(text_of(body.at("purpose")) == "login");
  CHECK(body.at("expires_at").as_int64() == now + 300);
  const std::string id = code_to("+86").id;
  CHECK(header_of(request, "webhook-id") == id);
  const auto by = [&](const std::string& which) {
    return sms::webhook_signature(id, now, request.body, sms::webhook_key(which).value());
  };
  CHECK(header_of(request, "webhook-signature") == by(secret) + ' ' + by(old_secret));
  CHECK(webhook()->make_request(code_to("+86"), send_time, "n", "h", "").target == "/");
}

TEST_CASE("Webhook: every 2xx is taken, with the hook's id or ours; refusals by class") {
  const auto format = webhook();
  CHECK(text_of(format->read_reply(200, R"({"message_id":"m-1"})")) == "accepted m-1");
  CHECK(text_of(format->read_reply(204, "")) == "accepted ");
  CHECK(text_of(format->read_reply(202, "<html>")) == "accepted ");
  CHECK(text_of(format->read_reply(200, R"({"error":{"class":"bad_number"}})")) == "rejected bad_number http_200");
  CHECK(text_of(format->read_reply(500, R"({"error":{"class":"retry_later"}})")) == "rejected retry_later http_500");
  CHECK(text_of(format->read_reply(200, R"({"error":{"http_code":429,"message":"m"}})")) ==
        "rejected retry_later http_429");
  CHECK(text_of(format->read_reply(200, R"({"error":{"http_code":503,"message":"m"}})")) == "unknown http_503");
  CHECK(text_of(format->read_reply(200, R"({"error":{"message":"m"}})")) == "rejected permanent http_400");
  CHECK(text_of(format->read_reply(200, R"({"error":null,"message_id":"m-1"})")) == "accepted m-1");
  const struct {
    unsigned status;
    const char* expected;
  } rows[] = {
      {301, "rejected auth_config http_301"},
      {400, "rejected permanent http_400"},
      {401, "rejected auth_config http_401"},
      {402, "rejected insufficient_funds http_402"},
      {403, "rejected auth_config http_403"},
      {404, "rejected auth_config http_404"},
      {408, "rejected retry_later http_408"},
      {422, "rejected permanent http_422"},
      {429, "rejected retry_later http_429"},
      {500, "unknown http_500"},
      {502, "unknown http_502"},
      {503, "unknown http_503"},
  };
  for (const auto& row : rows)
    CHECK(text_of(format->read_reply(row.status, "x")) == row.expected);
}

TEST_CASE("Webhook: receipts are signed, lately, by any secret that is known") {
  const auto format = webhook(secret + "|" + old_secret);
  const std::string body =
      R"([{"message_id":"a","state":"delivered","at":1714979280},{"message_id":"b","state":"failed",
    "error_code":"DB:0103"},{"state":"failed"}])";
  const signed_call good(body, now, signature_of(body, now));
  const auto read = format->read_receipts(good.call);
  REQUIRE(read.what == kind::taken);
  REQUIRE(read.receipts.size() == 2);
  CHECK(read.receipts[0].state == sms::delivery_state::delivered);
  CHECK(read.receipts[0].at == 1'714'979'280'000);
  CHECK(read.receipts[1].error_code == "DB:0103");

  const auto what = [&](std::int64_t at, const std::string& signatures, const std::string& text) {
    const signed_call one(text, at, signatures);
    return format->read_receipts(one.call).what;
  };
  CHECK(what(now - 300, signature_of(body, now - 300), body) == kind::taken);
  CHECK(what(now + 300, signature_of(body, now + 300), body) == kind::taken);
  CHECK(what(now - 301, signature_of(body, now - 301), body) == kind::forged);
  CHECK(what(now, signature_of(body, now, old_secret), body) == kind::taken);
  CHECK(what(now, "v1,AAAA " + signature_of(body, now), body) == kind::taken);
  CHECK(what(now, signature_of(body, now) + ", v2,xx", body) == kind::taken);
  CHECK(what(now, "v1,AAAA", body) == kind::forged);
  CHECK(what(now, "", body) == kind::forged);
  for (const char* const strange : {"-9223372036854775808", "9223372036854775807", "-1", "1e9", " 1", "1714979289x"}) {
    signed_call one(body, now, signature_of(body, now));
    one.headers[1].second = strange;
    CHECK(format->read_receipts(one.call).what == kind::forged);
  }
  CHECK(what(now, signature_of(body, now), body + " ") == kind::forged);
  CHECK(what(now - 1, signature_of(body, now), body) == kind::forged);
  const std::string broken = "{";
  CHECK(what(now, signature_of(broken, now), broken) == kind::malformed);
  const std::string single = R"({"message_id":"a","state":"expired"})";
  CHECK(what(now, signature_of(single, now), single) == kind::taken);
  check_malformed_receipts(*format);
}
