#include "sms/gateways/vonage.hpp"

#include "crypto/base64.hpp"
#include "sms/gateways/provider_case.hpp"

#include <algorithm>

using namespace smsauth;
using namespace smsauth::test;
using sms::rejection;
using kind = sms::receipt_result::kind;

namespace {

std::unique_ptr<sms::provider> vonage(std::map<std::string, std::string> more = {{"api-secret", "s3cret"}}) {
  std::map<std::string, std::string> keys{{"api-key", "abcd1234"}, {"from", "Acme"}};
  keys.merge(more);
  return provider_of(sms::make_vonage, std::move(keys));
}

}  // namespace

TEST_CASE("Vonage: signatures as documented, with & and = of values replaced") {
  for (const auto& each : vectors_of("vonage", "vonage-sms-signature")) {
    CAPTURE(text_of(each.at("id")));
    const auto& in = each.at("inputs").as_object();
    sms::sorted_fields fields;
    for (const auto& member : in.at("params").as_object())
      fields[std::string(member.key())] = text_of(member.value());
    CHECK(sms::vonage_signature(text_of(in.at("algorithm")), fields, text_of(in.at("signature_secret"))) ==
          text_of(each.at("expected").at("sig_hex")));
  }
}

TEST_CASE("Vonage: a request is a form, unicode where the text is, by Basic or signed, never both") {
  const auto request = vonage()->make_request(code_to("+8613800138000"), send_time, "n", "h", "");
  CHECK(request.target == "/sms/json");
  auto fields = fields_of(request.body);
  CHECK(fields["to"] == "8613800138000");
  CHECK(fields["type"] == "unicode");
  CHECK(fields["ttl"] == "300000");
  CHECK(fields["client-ref"] == code_to("+86").id);
  CHECK_FALSE(fields.contains("sig"));
  CHECK(header_of(request, "Authorization") == "Basic " + crypto::base64("abcd1234:s3cret"));

  sms::message plain = code_to("+6591234567");
  plain.text = "Code 102938 & more = fine";
  const auto by_signature =
      vonage({{"signature-secret", "sig-secret"}, {"signature", "sha512"}, {"callback", "https://a.example/r"}})
          ->make_request(plain, send_time, "n", "h", "");
  fields = fields_of(by_signature.body);
  CHECK(fields["type"] == "text");
  CHECK(fields["timestamp"] == "1714979289");
  CHECK(fields["status-report-req"] == "1");
  CHECK(fields["text"] == plain.text);
  const sms::sorted_fields all(fields.begin(), fields.end());
  CHECK(fields["sig"] == sms::vonage_signature("sha512", all, "sig-secret"));
  CHECK(header_of(by_signature, "Authorization").empty());
  CHECK(by_signature.body.find("sig-secret") == std::string::npos);
}

TEST_CASE("Vonage: replies by class, of all parts") {
  const auto format = vonage();
  check_reply_vectors(*format, "vonage");
  check_unreadable_replies(*format);
  const class_row rows[] = {
      {"1", rejection::retry_later},     {"4", rejection::auth_config},        {"8", rejection::auth_config},
      {"11", rejection::auth_config},    {"14", rejection::auth_config},       {"32", rejection::auth_config},
      {"5", rejection::retry_later},     {"10", rejection::retry_later},       {"7", rejection::blocked_number},
      {"33", rejection::blocked_number}, {"9", rejection::insufficient_funds}, {"15", rejection::content_or_template},
      {"29", rejection::auth_config},    {"2", rejection::permanent},          {"99", rejection::permanent},
  };
  for (const auto& row : rows) {
    const std::string code(row.code);
    const std::string part = R"({"status":")" + code + R"(","error-text":"t"})";
    const std::string fine = R"({"status":"0","message-id":"A1"})";
    CHECK(text_of(format->read_reply(200, R"({"messages":[)" + part + "]}")) ==
          "rejected " + std::string(sms::to_string(row.why)) + ' ' + code);
    CHECK(text_of(format->read_reply(200, R"({"messages":[)" + fine + ',' + part + "]}")) == "partial A1 " + code);
  }
  // Refused first and taken then: it went out in part, so nobody else may send it.
  CHECK(text_of(format->read_reply(200, R"({"messages":[{"status":"9"},{"status":"0","message-id":"A2"}]})")) ==
        "partial A2 9");
  CHECK(text_of(format->read_reply(200, R"({"messages":[{"status":"0","message-id":"A1"},{"status":"0"}]})")) ==
        "accepted A1");
}

TEST_CASE("Vonage: receipts by query, form and JSON") {
  const auto format = vonage();
  check_callback_vectors(*format, "vonage");
  check_malformed_receipts(*format);
  const struct {
    const char* type;
    const char* body;
  } rows[] = {{"application/json", R"({"messageId":"0A1","status":"failed","err-code":"5","msisdn":"6591234567"})"},
              {"application/x-www-form-urlencoded", "messageId=0A1&status=failed&err-code=5&msisdn=6591234567"}};
  for (const auto& row : rows) {
    sms::receipt_call call;
    call.method = "POST";
    call.content_type = row.type;
    call.body = row.body;
    const auto read = format->read_receipts(call);
    REQUIRE(read.receipts.size() == 1);
    CHECK(read.receipts[0].provider_id == "0A1");
    CHECK(read.receipts[0].state == sms::delivery_state::failed);
    CHECK(read.receipts[0].error_code == "5");
    CHECK(read.receipts[0].to == "+6591234567");
  }
}

TEST_CASE("Vonage: numbers of receipts are international, and a user's own message is taken and not kept") {
  const auto format = vonage();
  sms::receipt_call call;
  call.method = "GET";
  call.query = "messageId=0A1&status=delivered&msisdn=13239877404";
  CHECK(format->read_receipts(call).receipts.at(0).to == "+13239877404");
  call.query = "messageId=0A1&msisdn=13239877404&text=STOP&type=text";
  const auto read = format->read_receipts(call);
  CHECK(read.what == kind::taken);
  CHECK(read.receipts.empty());
}

TEST_CASE("Vonage: with a signature secret a receipt must be signed, and lately") {
  const auto format = vonage({{"signature-secret", "sig-secret"}});
  const auto what = [&](std::int64_t timestamp, const std::string& change, bool upper = false) {
    sms::sorted_fields fields{{"messageId", "0A1"}, {"status", "delivered"}, {"timestamp", std::to_string(timestamp)}};
    std::string signature = sms::vonage_signature("sha256", fields, "sig-secret");
    if (upper) {
      std::transform(signature.begin(), signature.end(), signature.begin(),
                     [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
    }
    fields["sig"] = signature;
    const std::string query = sms::encode_fields(fields) + change;
    sms::receipt_call call;
    call.method = "GET";
    call.query = query;
    call.now = send_time;
    return format->read_receipts(call).what;
  };
  const std::int64_t now = send_time / 1000;
  CHECK(what(now, "") == kind::taken);
  CHECK(what(now, "", true) == kind::taken);
  CHECK(what(now - 300, "") == kind::taken);
  CHECK(what(now - 301, "") == kind::forged);
  CHECK(what(now + 301, "") == kind::forged);
  CHECK(what(now, "&price=1") == kind::forged);
  sms::receipt_call unsigned_call;
  unsigned_call.method = "GET";
  unsigned_call.query = "messageId=0A1&status=delivered";
  CHECK(format->read_receipts(unsigned_call).what == kind::forged);
}
