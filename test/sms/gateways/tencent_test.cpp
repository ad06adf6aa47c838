#include "sms/gateways/tencent.hpp"

#include "sms/gateways/provider_case.hpp"

#include <boost/json/parse.hpp>

using namespace smsauth;
using namespace smsauth::test;
using sms::rejection;

namespace {

std::unique_ptr<sms::provider> tencent(std::map<std::string, std::string> more = {}) {
  std::map<std::string, std::string> keys{{"secret-id", "AKID-example"},
                                          {"secret-key", "example-secret-0002"},
                                          {"app-id", "1400006666"},
                                          {"sign-name", "\u793a\u4f8b\u7b7e\u540d"},
                                          {"template", "1110"}};
  keys.merge(more);
  return provider_of(sms::make_tencent, std::move(keys));
}

}  // namespace

TEST_CASE("Tencent: TC3 signatures are those of the vendor's documents and SDK") {
  for (const auto& each : vectors_of("tencent", "tencent-tc3-hmac-sha256")) {
    CAPTURE(text_of(each.at("id")));
    const auto& in = each.at("inputs").as_object();
    std::string headers;
    std::string names;
    std::map<std::string, std::string> sorted;
    for (const auto& member : in.at("headers_to_sign").as_object())
      sorted[std::string(member.key())] = text_of(member.value());
    for (const auto& [name, value] : sorted) {
      headers += name + ':' + value + '\n';
      names += (names.empty() ? "" : ";") + name;
    }
    const std::string service = text_of(in.at("service"));
    const std::string body = text_of(in.at("body"));
    sms::tc3_request what;
    what.service = service;
    what.canonical_headers = headers;
    what.signed_headers = names;
    what.body = body;
    what.timestamp = in.at("timestamp").as_int64();
    const std::string got = sms::tc3_authorization(what, text_of(in.at("secret_id")), text_of(in.at("secret_key")));
    CHECK(got == text_of(each.at("expected").at("authorization")));
  }
}

TEST_CASE("Tencent: a request is JSON with one number, and signs the host and body that it sends") {
  const auto request = tencent({{"parameters", "code,minutes"}, {"token", "T"}})
                           ->make_request(code_to("+8613800138000"), send_time, "n", "sms.tencentcloudapi.com", "");
  CHECK(request.target == "/");
  const auto body = boost::json::parse(request.body);
  CHECK(body.at("PhoneNumberSet").as_array().size() == 1);
  CHECK(text_of(body.at("PhoneNumberSet").at(0)) == "+8613800138000");
  CHECK(text_of(body.at("SmsSdkAppId")) == "1400006666");
  CHECK(text_of(body.at("TemplateId")) == "1110");
  CHECK(text_of(body.at("TemplateParamSet").at(0)) == "102938");
  CHECK(text_of(body.at("TemplateParamSet").at(1)) == "5");
  CHECK(text_of(body.at("SessionContext")) == code_to("+86").id);
  CHECK(header_of(request, "X-TC-Timestamp") == "1714979289");
  CHECK(header_of(request, "X-TC-Token") == "T");
  CHECK(header_of(request, "X-TC-Action") == "SendSms");
  sms::tc3_request what;
  what.service = "sms";
  what.canonical_headers = "content-type:application/json\nhost:sms.tencentcloudapi.com\n";
  what.signed_headers = "content-type;host";
  what.body = request.body;
  what.timestamp = send_time / 1000;
  CHECK(header_of(request, "Authorization") == sms::tc3_authorization(what, "AKID-example", "example-secret-0002"));
}

TEST_CASE("Tencent: replies by class, on both levels") {
  const auto format = tencent();
  check_reply_vectors(*format, "tencent");
  check_unreadable_replies(*format);
  const class_row rows[] = {
      {"LimitExceeded.PhoneNumberThirtySecondLimit", rejection::rate_limited},
      {"LimitExceeded.PhoneNumberOneHourLimit", rejection::rate_limited},
      {"LimitExceeded.PhoneNumberDailyLimit", rejection::rate_limited},
      {"LimitExceeded.PhoneNumberSameContentDailyLimit", rejection::rate_limited},
      {"LimitExceeded.DeliveryFrequencyLimit", rejection::rate_limited},
      {"LimitExceeded.AppDailyLimit", rejection::insufficient_funds},
      {"LimitExceeded.DailyLimit", rejection::insufficient_funds},
      {"FailedOperation.InsufficientBalanceInSmsPackage", rejection::insufficient_funds},
      {"UnauthorizedOperation.SerivceSuspendDueToArrears", rejection::insufficient_funds},
      {"InvalidParameterValue.IncorrectPhoneNumber", rejection::bad_number},
      {"UnsupportedOperation.UnsuportedRegion", rejection::bad_number},
      {"FailedOperation.PhoneNumberInBlacklist", rejection::blocked_number},
      {"FailedOperation.SignatureIncorrectOrUnapproved", rejection::content_or_template},
      {"FailedOperation.TemplateIncorrectOrUnapproved", rejection::content_or_template},
      {"FailedOperation.ContainSensitiveWord", rejection::content_or_template},
      {"InvalidParameterValue.TemplateParameterFormatError", rejection::content_or_template},
      {"AuthFailure.SignatureExpire", rejection::auth_config},
      {"AuthFailure.SecretIdNotFound", rejection::auth_config},
      {"UnauthorizedOperation.RequestIpNotInWhitelist", rejection::auth_config},
      {"InternalError.RequestTimeException", rejection::auth_config},
      {"RequestLimitExceeded", rejection::retry_later},
      {"RequestLimitExceeded.UinLimitExceeded", rejection::retry_later},
      {"InternalError.OtherError", rejection::retry_later},
      {"Something.New", rejection::permanent},
  };
  for (const auto& row : rows) {
    const std::string code(row.code);
    for (const std::string& body :
         {R"({"Response":{"Error":{"Code":")" + code + R"(","Message":"m"},"RequestId":"r"}})",
          R"({"Response":{"SendStatusSet":[{"SerialNo":"","Code":")" + code +
              R"(","Message":"m"}],"RequestId":"r"}})"}) {
      CAPTURE(body);
      CHECK(text_of(format->read_reply(200, body)) == "rejected " + std::string(sms::to_string(row.why)) + ' ' + code);
    }
  }
  for (const char* doubtful : {"InternalError.Timeout", "InternalError.SendAndRecvFail"}) {
    const std::string body = std::string(R"({"Response":{"Error":{"Code":")") + doubtful + R"("}}})";
    CHECK(format->read_reply(200, body).what == sms::outcome::kind::unknown);
  }
  CHECK(text_of(format->read_reply(200, R"({"Response":{"SendStatusSet":[{"SerialNo":"1","Code":"ok"}]}})")) ==
        "accepted 1");
}

TEST_CASE("Tencent: receipts") {
  const auto format = tencent();
  check_callback_vectors(*format, "tencent");
  check_malformed_receipts(*format);
}
