#include "sms/gateways/huawei.hpp"

#include "sms/gateways/provider_case.hpp"

using namespace smsauth;
using namespace smsauth::test;
using sms::rejection;

namespace {

std::unique_ptr<sms::provider> huawei(std::map<std::string, std::string> more = {}) {
  std::map<std::string, std::string> keys{{"app-key", "ARexampleAppKey"},
                                          {"app-secret", "exampleAppSecret01"},
                                          {"sender", "8824110605000"},
                                          {"template", "1d18a7f4e1b84f6c8fc1546b48b3baea"}};
  keys.merge(more);
  return provider_of(sms::make_huawei, std::move(keys));
}

}  // namespace

TEST_CASE("Huawei: digests of WSSE in both forms that are in use") {
  for (const auto& each : vectors_of("huawei", "huawei-wsse")) {
    const auto& in = each.at("inputs").as_object();
    const auto digest = [&](bool of_hex) {
      return sms::huawei_password_digest(text_of(in.at("nonce")), text_of(in.at("created")),
                                         text_of(in.at("app_secret")), of_hex);
    };
    CHECK(digest(false) == text_of(each.at("expected").at("password_digest_raw")));
    CHECK(digest(true) == text_of(each.at("expected").at("password_digest_hex")));
    const auto request = huawei()->make_request(code_to("+8613800138000"), send_time, text_of(in.at("nonce")), "h", "");
    CHECK(header_of(request, "X-WSSE") == text_of(each.at("expected").at("x_wsse_raw")));
    CHECK(header_of(request, "Authorization") == text_of(each.at("expected").at("authorization")));
    const auto hex = huawei({{"digest", "hex"}})
                         ->make_request(code_to("+8613800138000"), send_time, text_of(in.at("nonce")), "h", "");
    CHECK(header_of(hex, "X-WSSE") == text_of(each.at("expected").at("x_wsse_hex")));
  }
}

TEST_CASE("Huawei: signatures of SDK-HMAC-SHA256 over the raw form") {
  for (const auto& each : vectors_of("huawei", "huawei-sdk-hmac-sha256")) {
    const auto& in = each.at("inputs").as_object();
    CHECK(sms::huawei_sdk_authorization("/sms/batchSendSms/v1", "smsapi.cn-north-4.myhuaweicloud.com",
                                        "20240506T070809Z", text_of(in.at("body")), text_of(in.at("app_key")),
                                        text_of(in.at("app_secret"))) ==
          text_of(each.at("expected").at("authorization")));
  }
  for (const auto& each : vectors_of("huawei", "form-urlencode-ordered")) {
    sms::wire_fields fields;
    for (const auto& pair : each.at("inputs").at("pairs").as_array())
      fields.emplace_back(text_of(pair.at(0)), text_of(pair.at(1)));
    CHECK(sms::encode_fields(fields) == text_of(each.at("expected").at("body")));
  }
}

TEST_CASE("Huawei: a request is a form with one number and the template's values as strings") {
  const auto request =
      huawei({{"auth", "aksk"}, {"status-callback", "https://otp.example.com/cb"}})
          ->make_request(code_to("+8613800138000"), send_time, "n", "smsapi.cn-north-4.myhuaweicloud.com", "");
  CHECK(request.target == "/sms/batchSendSms/v1");
  auto fields = fields_of(request.body);
  CHECK(fields["to"] == "+8613800138000");
  CHECK(fields["from"] == "8824110605000");
  CHECK(fields["templateParas"] == R"(["102938"])");
  CHECK(fields["extend"] == code_to("+86").id);
  CHECK(fields["statusCallback"] == "https://otp.example.com/cb");
  CHECK(header_of(request, "X-Sdk-Date") == "20240506T070809Z");
  CHECK(header_of(request, "Authorization") ==
        sms::huawei_sdk_authorization("/sms/batchSendSms/v1", "smsapi.cn-north-4.myhuaweicloud.com", "20240506T070809Z",
                                      request.body, "ARexampleAppKey", "exampleAppSecret01"));
}

TEST_CASE("Huawei: replies by class, the real code sometimes inside") {
  const auto format = huawei();
  check_reply_vectors(*format, "huawei");
  check_unreadable_replies(*format);
  const class_row rows[] = {{"E000101", rejection::auth_config},         {"E000045", rejection::auth_config},
                            {"E000102", rejection::auth_config},         {"E000112", rejection::auth_config},
                            {"E000503", rejection::content_or_template}, {"E000000", rejection::content_or_template},
                            {"E200041", rejection::bad_number},          {"E999999", rejection::permanent}};
  for (const auto& row : rows) {
    const std::string code(row.code);
    const std::string expected = "rejected " + std::string(sms::to_string(row.why)) + ' ' + code;
    CHECK(text_of(format->read_reply(400, R"({"code":")" + code + R"(","description":"d"})")) == expected);
    CHECK(text_of(format->read_reply(200, R"({"code":"E000510","result":[{"status":")" + code + R"("}]})")) ==
          expected);
  }
}

TEST_CASE("Huawei: receipts, single and in batches") {
  const auto format = huawei();
  check_callback_vectors(*format, "huawei");
  check_malformed_receipts(*format);
  sms::receipt_call call;
  call.method = "POST";
  call.body = R"({"statusReportList":[{"smsMsgId":"a","status":"DELIVRD","to":"+8613800138000"},
                 {"smsMsgId":"b","status":"EXPIRED"},{"smsMsgId":"c","status":"E200028"},{}]})";
  const auto read = format->read_receipts(call);
  REQUIRE(read.receipts.size() == 3);
  CHECK(read.receipts[1].state == sms::delivery_state::expired);
  CHECK(read.receipts[2].state == sms::delivery_state::failed);
}
