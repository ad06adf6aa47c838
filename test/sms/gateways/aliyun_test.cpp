#include "sms/gateways/aliyun.hpp"

#include "sms/gateways/provider_case.hpp"

#include <boost/json/parse.hpp>

using namespace smsauth;
using namespace smsauth::test;
using sms::rejection;

namespace {

std::unique_ptr<sms::provider> aliyun(std::map<std::string, std::string> more = {}) {
  std::map<std::string, std::string> keys{{"access-key-id", "LTAI-example-id"},
                                          {"access-key-secret", "example-secret-0001"},
                                          {"sign-name", "\u793a\u4f8b\u7b7e\u540d"},
                                          {"template", "SMS_154950909"}};
  keys.merge(more);
  return provider_of(sms::make_aliyun, std::move(keys));
}

sms::sorted_fields sorted(const boost::json::value& of) {
  sms::sorted_fields all;
  for (const auto& member : of.as_object())
    all[std::string(member.key())] = text_of(member.value());
  return all;
}

}  // namespace

TEST_CASE("Aliyun: RPC signatures are those of the vendor's documents and SDK") {
  for (const auto& each : vectors_of("aliyun", "aliyun-rpc-v1")) {
    CAPTURE(text_of(each.at("id")));
    const auto& in = each.at("inputs").as_object();
    const sms::sorted_fields parameters = sorted(in.at("params"));
    CHECK(sms::encode_fields(parameters) == text_of(each.at("expected").at("canonicalized_query")));
    const std::string secret = text_of(in.at("access_key_secret"));
    CHECK(sms::aliyun_rpc_signature(text_of(in.at("method")), parameters, secret) ==
          text_of(each.at("expected").at("signature")));
  }
}

TEST_CASE("Aliyun: ACS3 signatures are those of the vendor's documents and SDK") {
  for (const auto& each : vectors_of("aliyun", "aliyun-acs3-hmac-sha256")) {
    CAPTURE(text_of(each.at("id")));
    const auto& in = each.at("inputs").as_object();
    const std::string got = sms::aliyun_acs3_authorization(
        text_of(in.at("method")), text_of(in.at("path")), sorted(in.at("query")), sorted(in.at("headers_to_sign")),
        text_of(in.at("body")), text_of(in.at("access_key_id")), text_of(in.at("access_key_secret")));
    CHECK(got.ends_with(",Signature=" + text_of(each.at("expected").at("signature"))));
  }
}

TEST_CASE("Aliyun: percent-encoding is the vendor's") {
  for (const auto& each : vectors_of("aliyun", "aliyun-percent-encode")) {
    const auto& cases = each.at("inputs").at("cases").as_array();
    const auto& expected = each.at("expected").at("cases").as_array();
    for (std::size_t i = 0; i < cases.size(); ++i)
      CHECK(sms::percent_encode(text_of(cases[i])) == text_of(expected.at(i)));
  }
}

TEST_CASE("Aliyun: an ACS3 request carries the parameters in the query and signs what it sends") {
  const auto request = aliyun()->make_request(code_to("+8613800138000"), send_time, "0f3c1b2e9a7d4d5e8f60718293a4b5c6",
                                              "dysmsapi.aliyuncs.com", "");
  CHECK(request.method == "POST");
  REQUIRE(request.target.starts_with("/?"));
  auto fields = fields_of(request.target.substr(2));
  CHECK(fields["PhoneNumbers"] == "13800138000");
  CHECK(fields["TemplateCode"] == "SMS_154950909");
  CHECK(fields["TemplateParam"] == R"({"code":"102938"})");
  CHECK(fields["OutId"] == code_to("+86").id);
  CHECK(request.body.empty());
  CHECK(header_of(request, "x-acs-date") == "2024-05-06T07:08:09Z");
  sms::sorted_fields headers;
  for (const auto& each : request.headers) {
    if (each.name.starts_with("x-acs-")) headers[each.name] = each.value;
  }
  headers["host"] = "dysmsapi.aliyuncs.com";
  const sms::sorted_fields query(fields.begin(), fields.end());
  CHECK(header_of(request, "Authorization") ==
        sms::aliyun_acs3_authorization("POST", "/", query, headers, "", "LTAI-example-id", "example-secret-0001"));
}

TEST_CASE("Aliyun: an RPC request is a form, its URL says nothing, and temporary credentials are signed too") {
  const auto request = aliyun({{"signature", "rpc"}, {"security-token", "STS"}, {"region-id", "cn-hangzhou"}})
                           ->make_request(code_to("+6591234567"), send_time, "n0", "h", "");
  CHECK(request.target == "/");
  auto fields = fields_of(request.body);
  CHECK(fields["PhoneNumbers"] == "6591234567");
  CHECK(fields["SecurityToken"] == "STS");
  CHECK(fields["RegionId"] == "cn-hangzhou");
  CHECK(fields["SignatureNonce"] == "n0");
  const std::string signature = fields["Signature"];
  sms::sorted_fields rest(fields.begin(), fields.end());
  rest.erase("Signature");
  CHECK(signature == sms::aliyun_rpc_signature("POST", rest, "example-secret-0001"));
}

TEST_CASE("Aliyun: the template is that of purpose and language") {
  const auto format = aliyun({{"template.login.zh", "SMS_1"}, {"template.login", "SMS_2"}, {"code-variable", "c"}});
  const auto fields = [&](const sms::message& what) {
    return fields_of(format->make_request(what, send_time, "n", "h", "").target.substr(2));
  };
  sms::message what = code_to("+8613800138000");
  CHECK(fields(what)["TemplateCode"] == "SMS_1");
  CHECK(fields(what)["TemplateParam"] == R"({"c":"102938"})");
  what.language = "en";
  CHECK(fields(what)["TemplateCode"] == "SMS_2");
  what.purpose = core::purpose::verify;
  CHECK(fields(what)["TemplateCode"] == "SMS_154950909");
}

TEST_CASE("Aliyun: replies by class") {
  const auto format = aliyun();
  check_reply_vectors(*format, "aliyun");
  check_unreadable_replies(*format);
  const class_row rows[] = {
      {"isv.BUSINESS_LIMIT_CONTROL", rejection::rate_limited},
      {"isv.DAY_LIMIT_CONTROL", rejection::insufficient_funds},
      {"isv.MONTH_LIMIT_CONTROL", rejection::insufficient_funds},
      {"isv.MOBILE_NUMBER_ILLEGAL", rejection::bad_number},
      {"isv.DOMESTIC_NUMBER_NOT_SUPPORTED", rejection::bad_number},
      {"isv.MOBILE_COUNT_OVER_LIMIT", rejection::permanent},
      {"isv.AMOUNT_NOT_ENOUGH", rejection::insufficient_funds},
      {"isv.OUT_OF_SERVICE", rejection::insufficient_funds},
      {"isv.SMS_SIGNATURE_ILLEGAL", rejection::content_or_template},
      {"isv.SMS_TEMPLATE_ILLEGAL", rejection::content_or_template},
      {"isv.TEMPLATE_MISSING_PARAMETERS", rejection::content_or_template},
      {"isv.BLACK_KEY_CONTROL_LIMIT", rejection::content_or_template},
      {"isp.RAM_PERMISSION_DENY", rejection::auth_config},
      {"isv.DENY_IP_RANGE", rejection::auth_config},
      {"SignatureDoesNotMatch", rejection::auth_config},
      {"InvalidAccessKeyId.NotFound", rejection::auth_config},
      {"InvalidTimeStamp.Expired", rejection::auth_config},
      {"isp.SYSTEM_ERROR", rejection::retry_later},
      {"Throttling", rejection::retry_later},
      {"Throttling.User", rejection::retry_later},
      {"ServiceUnavailable", rejection::retry_later},
      {"isv.SOMETHING_NEW", rejection::permanent},
  };
  for (const auto& row : rows) {
    const std::string body = std::string(R"({"Code":")") + row.code + R"(","Message":"secret 102938"})";
    const sms::outcome got = format->read_reply(400, body);
    CHECK(got.what == sms::outcome::kind::rejected);
    CHECK(got.reason == row.why);
    CHECK(got.provider_code == row.code);
  }
  CHECK(text_of(format->read_reply(200, R"({"Code":"OK"})")) == "unknown no_id");
}

TEST_CASE("Aliyun: receipts, also those of international accounts") {
  const auto format = aliyun();
  check_callback_vectors(*format, "aliyun");
  check_malformed_receipts(*format);
  sms::receipt_call call;
  call.method = "POST";
  call.body = R"([{"To":"6591234567","Status":"1","MessageId":"9"},{"To":"6591234568","Status":6,"MessageId":"10"},
                  {"Status":"2","MessageId":"11","ErrorCode":"EXPIRED text"},{"nothing":1},7])";
  const auto read = format->read_receipts(call);
  REQUIRE(read.receipts.size() == 3);
  CHECK(read.receipts[0].to == "+6591234567");
  CHECK(read.receipts[0].state == sms::delivery_state::delivered);
  CHECK(read.receipts[1].state == sms::delivery_state::expired);
  CHECK(read.receipts[2].error_code == "EXPIRED");
  CHECK(boost::json::parse(read.reply_body).at("code").as_int64() == 0);
}
