#include "sms/gateways/twilio.hpp"

#include "crypto/base64.hpp"
#include "sms/gateways/provider_case.hpp"

using namespace smsauth;
using namespace smsauth::test;
using sms::rejection;
using kind = sms::receipt_result::kind;

namespace {

const std::string token = "example-auth-token-1";

std::unique_ptr<sms::provider> twilio(std::map<std::string, std::string> more = {}) {
  std::map<std::string, std::string> keys{{"account-sid", "AC0123"}, {"auth-token", token}};
  if (!more.contains("messaging-service-sid")) keys["from"] = "+15005550006";
  keys.merge(more);
  return provider_of(sms::make_twilio, std::move(keys));
}

const std::string callback_url = "https://otp.example.com/receipts/tw/secret";

// A status callback, with the signature that goes with it.
struct status_call {
  status_call(std::string body_text, std::string_view signed_url) : body(std::move(body_text)) {
    signature = sms::twilio_signature(signed_url, sms::parse_fields(body).value(), token);
    header = {"X-Twilio-Signature", signature};
    call.method = "POST";
    call.content_type = "application/x-www-form-urlencoded";
    call.body = body;
    call.public_url = callback_url;
    call.headers = {&header, 1};
  }
  std::string body;
  std::string signature;
  std::pair<std::string_view, std::string_view> header;
  sms::receipt_call call;
};

}  // namespace

TEST_CASE("Twilio: signatures are those of the vendor's documents and SDK") {
  for (const auto& each : vectors_of("twilio", "twilio-signature")) {
    CAPTURE(text_of(each.at("id")));
    const auto& in = each.at("inputs").as_object();
    sms::wire_fields form;
    for (const auto& member : in.at("params").as_object())
      form.emplace_back(std::string(member.key()), text_of(member.value()));
    CHECK(sms::twilio_signature(text_of(in.at("url")), form, text_of(in.at("auth_token"))) ==
          text_of(each.at("expected").at("x_twilio_signature")));
  }
}

TEST_CASE("Twilio: a request is a form; the code is not in its URL, and lives no longer than the code") {
  const auto request = twilio({{"status-callback", callback_url}})
                           ->make_request(code_to("+6591234567"), send_time, "n", "api.twilio.com", "");
  CHECK(request.target == "/2010-04-01/Accounts/AC0123/Messages.json");
  auto fields = fields_of(request.body);
  CHECK(fields["To"] == "+6591234567");
  CHECK(fields["From"] == "+15005550006");
  CHECK(fields["Body"] == code_to("+65").text);
  CHECK(fields["ValidityPeriod"] == "300");
  CHECK(fields["StatusCallback"] == callback_url);
  CHECK(header_of(request, "Authorization") == "Basic " + crypto::base64("AC0123:" + token));
  const auto by_key = twilio({{"messaging-service-sid", "MG1"}, {"api-key-sid", "SK1"}, {"api-key-secret", "s"}})
                          ->make_request(code_to("+6591234567"), send_time, "n", "api.twilio.com", "");
  CHECK(fields_of(by_key.body)["MessagingServiceSid"] == "MG1");
  CHECK(header_of(by_key, "Authorization") == "Basic " + crypto::base64("SK1:s"));
}

TEST_CASE("Twilio: replies by class") {
  const auto format = twilio();
  check_reply_vectors(*format, "twilio");
  check_unreadable_replies(*format);
  const class_row rows[] = {
      {"21211", rejection::bad_number},          {"21614", rejection::bad_number},
      {"21217", rejection::bad_number},          {"21610", rejection::blocked_number},
      {"21408", rejection::auth_config},         {"20003", rejection::auth_config},
      {"20404", rejection::auth_config},         {"21606", rejection::content_or_template},
      {"21603", rejection::content_or_template}, {"21617", rejection::content_or_template},
      {"20429", rejection::retry_later},         {"30001", rejection::permanent},
  };
  for (const auto& row : rows) {
    const std::string body = std::string(R"({"code":)") + row.code + R"(,"message":"to +6591234567","status":400})";
    CHECK(text_of(format->read_reply(400, body)) ==
          "rejected " + std::string(sms::to_string(row.why)) + ' ' + row.code);
  }
  CHECK(text_of(format->read_reply(201, "{}")) == "unknown no_id");
  CHECK(text_of(format->read_reply(500, R"({"code":20500,"status":500})")) == "unknown http_500");
  CHECK(text_of(format->read_reply(429, R"({"code":88888})")) == "rejected retry_later 88888");
  CHECK(text_of(format->read_reply(401, R"({"code":88888})")) == "rejected auth_config 88888");
}

TEST_CASE("Twilio: a receipt counts only with the account's signature over our public URL") {
  const auto format = twilio();
  const std::string body =
      "MessageSid=SM1&MessageStatus=undelivered&To=%2B6591234567&ErrorCode=30003&AccountSid=AC0123";
  const status_call good(body, callback_url);
  const auto read = format->read_receipts(good.call);
  REQUIRE(read.what == kind::taken);
  REQUIRE(read.receipts.size() == 1);
  CHECK(read.receipts[0].provider_id == "SM1");
  CHECK(read.receipts[0].state == sms::delivery_state::failed);
  CHECK(read.receipts[0].error_code == "30003");
  CHECK(read.receipts[0].to == "+6591234567");

  const status_call with_port(body, "https://otp.example.com:443/receipts/tw/secret");
  CHECK(format->read_receipts(with_port.call).what == kind::taken);
  status_call with_query(body, callback_url + "?rid=1");
  with_query.call.query = "rid=1";
  CHECK(format->read_receipts(with_query.call).what == kind::taken);

  const status_call elsewhere(body, "https://evil.example/receipts/tw/secret");
  CHECK(format->read_receipts(elsewhere.call).what == kind::forged);
  status_call changed(body, callback_url);
  changed.call.body = "MessageSid=SM1&MessageStatus=delivered&To=%2B6591234567&AccountSid=AC0123";
  CHECK(format->read_receipts(changed.call).what == kind::forged);
  status_call unsigned_call(body, callback_url);
  unsigned_call.call.headers = {};
  CHECK(format->read_receipts(unsigned_call.call).what == kind::forged);
  check_malformed_receipts(*format);
}

TEST_CASE("Twilio: states that are final, and those on the way") {
  const auto format = twilio();
  const struct {
    const char* status;
    sms::delivery_state state;
  } rows[] = {
      {"delivered", sms::delivery_state::delivered}, {"read", sms::delivery_state::delivered},
      {"failed", sms::delivery_state::failed},       {"canceled", sms::delivery_state::failed},
      {"sent", sms::delivery_state::intermediate},   {"queued", sms::delivery_state::intermediate},
      {"new-word", sms::delivery_state::unknown},
  };
  for (const auto& row : rows) {
    const status_call one(std::string("MessageSid=SM1&MessageStatus=") + row.status, callback_url);
    CHECK(format->read_receipts(one.call).receipts.at(0).state == row.state);
  }
  const status_call own("SmsSid=SM9&MessageSid=SM9&SmsStatus=received&Body=STOP", callback_url);
  CHECK(format->read_receipts(own.call).what == kind::taken);
  CHECK(format->read_receipts(own.call).receipts.empty());
  check_callback_vectors(*format, "twilio", [&](sms::receipt_call& call) {
    static std::string signature;
    static std::pair<std::string_view, std::string_view> header;
    call.public_url = callback_url;
    signature = sms::twilio_signature(callback_url, sms::parse_fields(call.body).value(), token);
    header = {"x-twilio-signature", signature};
    call.headers = {&header, 1};
  });
}
