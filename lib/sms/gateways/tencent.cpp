#include "sms/gateways/tencent.hpp"

#include "crypto/hex.hpp"
#include "crypto/legacy_mac.hpp"
#include "crypto/mac.hpp"
#include "sms/gateways/templates.hpp"
#include "sms/wire_code.hpp"
#include "sms/wire_json.hpp"
#include "sms/wire_reply.hpp"
#include "sms/wire_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace smsauth::sms {

namespace {

constexpr std::string_view content_type = "application/json";
constexpr int beijing = 8;

constexpr std::array codes{
    code_class{"LimitExceeded.PhoneNumber*", rejection::rate_limited},
    code_class{"LimitExceeded.DeliveryFrequencyLimit", rejection::rate_limited},
    code_class{"LimitExceeded.AppDailyLimit", rejection::insufficient_funds},
    code_class{"LimitExceeded.DailyLimit", rejection::insufficient_funds},
    code_class{"FailedOperation.InsufficientBalanceInSmsPackage", rejection::insufficient_funds},
    code_class{"UnauthorizedOperation.SerivceSuspendDueToArrears", rejection::insufficient_funds},
    code_class{"InvalidParameterValue.IncorrectPhoneNumber", rejection::bad_number},
    code_class{"UnsupportedOperation.UnsuportedRegion", rejection::bad_number},
    code_class{"UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber", rejection::bad_number},
    code_class{"FailedOperation.PhoneNumberInBlacklist", rejection::blocked_number},
    code_class{"FailedOperation.SignatureIncorrectOrUnapproved", rejection::content_or_template},
    code_class{"FailedOperation.TemplateIncorrectOrUnapproved", rejection::content_or_template},
    code_class{"FailedOperation.ContainSensitiveWord", rejection::content_or_template},
    code_class{"InvalidParameterValue.TemplateParameterFormatError", rejection::content_or_template},
    code_class{"InvalidParameterValue.TemplateParameterLengthLimit", rejection::content_or_template},
    code_class{"InvalidParameterValue.ContentLengthLimit", rejection::content_or_template},
    code_class{"InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", rejection::content_or_template},
    code_class{"AuthFailure.*", rejection::auth_config},
    code_class{"UnauthorizedOperation.SmsSdkAppIdVerifyFail", rejection::auth_config},
    code_class{"UnauthorizedOperation.RequestIpNotInWhitelist", rejection::auth_config},
    code_class{"UnauthorizedOperation.SdkAppIdIsDisabled", rejection::auth_config},
    code_class{"UnauthorizedOperation.RequestPermissionDeny", rejection::auth_config},
    code_class{"InvalidParameterValue.SdkAppIdNotExist", rejection::auth_config},
    code_class{"InternalError.RequestTimeException", rejection::auth_config},
    code_class{"RequestLimitExceeded*", rejection::retry_later},
    code_class{"InternalError.OtherError", rejection::retry_later},
};

// What the vendor itself does not know: it may have sent.
bool is_ambiguous(std::string_view code) {
  return code == "InternalError.Timeout" || code == "InternalError.SendAndRecvFail";
}

bool same_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}

struct tencent_settings {
  std::string secret_id;
  std::string secret_key;
  std::string token;  ///< of temporary keys; empty = none
  std::string app_id;
  std::string sign_name;
  std::string region;
  template_ids templates;
  std::vector<std::string> parameters;
};

class tencent final : public provider {
 public:
  explicit tencent(tencent_settings settings) : settings_(std::move(settings)) {}

  net::http_request make_request(const message& what, core::epoch_ms now, std::string_view /*nonce*/,
                                 std::string_view host, std::string_view path_prefix) const override {
    boost::json::array values;
    for (const std::string& each : fill_parameters(settings_.parameters, what, now))
      values.emplace_back(each);
    boost::json::object body;
    body["PhoneNumberSet"] = boost::json::array{boost::json::value(what.to)};
    body["SmsSdkAppId"] = settings_.app_id;
    body["TemplateId"] = settings_.templates.of(what);
    if (!settings_.sign_name.empty()) body["SignName"] = settings_.sign_name;
    body["TemplateParamSet"] = std::move(values);
    body["SessionContext"] = what.id;

    net::http_request made;
    made.body = boost::json::serialize(body);
    const std::string headers = "content-type:" + std::string(content_type) + "\nhost:" + std::string(host) + '\n';
    tc3_request text;
    const std::string path = std::string(path_prefix) + "/";
    text.service = "sms";
    text.path = path;
    text.canonical_headers = headers;
    text.signed_headers = "content-type;host";
    text.body = made.body;
    text.timestamp = now / core::ms_per_second;
    made.headers.push_back({"Content-Type", std::string(content_type)});
    made.headers.push_back({"Authorization", tc3_authorization(text, settings_.secret_id, settings_.secret_key)});
    made.headers.push_back({"X-TC-Action", "SendSms"});
    made.headers.push_back({"X-TC-Version", "2021-01-11"});
    made.headers.push_back({"X-TC-Timestamp", std::to_string(text.timestamp)});
    made.headers.push_back({"X-TC-Region", settings_.region});
    if (!settings_.token.empty()) made.headers.push_back({"X-TC-Token", settings_.token});
    return made;
  }

  outcome read_reply(unsigned status, std::string_view body) const override {
    const auto reply = parse_wire_json(body);
    const auto* const inner = reply ? wire_member(*reply, "Response") : nullptr;
    if (inner == nullptr) return unreadable(status);
    if (const auto* const error = wire_member(*inner, "Error")) return refusal(status, wire_text(*error, "Code"));
    const auto* const set = wire_member(*inner, "SendStatusSet");
    const auto* const all = set == nullptr ? nullptr : set->if_array();
    if (all == nullptr || all->size() != 1) return unreadable(status);
    const auto& one = all->front();
    const std::string code = wire_text(one, "Code");
    if (!same_ignoring_case(code, "ok")) return refusal(status, code);
    std::string id = wire_text(one, "SerialNo");
    return id.empty() ? outcome::unknown("no_id") : outcome::accepted(std::move(id));
  }

  receipt_result read_receipts(const receipt_call& call) const override {
    const auto pushed = parse_wire_json(call.body);
    const auto* const all = pushed ? pushed->if_array() : nullptr;
    if (call.method != "POST" || all == nullptr) return receipt_result::malformed();
    std::vector<receipt> told;
    for (const auto& each : *all) {
      if (told.size() == max_receipts) break;
      receipt one;
      one.provider_id = wire_text(each, "sid");
      if (one.provider_id.empty()) continue;
      const std::string country = wire_text(each, "nationcode");
      if (!country.empty()) one.to = '+' + country + wire_text(each, "mobile");
      one.state = wire_text(each, "report_status") == "SUCCESS" ? delivery_state::delivered : delivery_state::failed;
      one.error_code = wire_code(wire_text(each, "errmsg"));
      one.at = parse_time(wire_text(each, "user_receive_time"), beijing).value_or(0);
      told.push_back(std::move(one));
    }
    return receipt_result::taken(std::move(told), R"({"result":0,"errmsg":"OK"})", content_type);
  }

 private:
  static outcome refusal(unsigned status, const std::string& code) {
    if (code.empty()) return unreadable(status);
    return is_ambiguous(code) ? outcome::unknown(wire_code(code)) : refused(codes, code, status);
  }

  const tencent_settings settings_;
};

std::string hmac256(std::string_view key, std::string_view text) {
  return crypto::hmac(crypto::digest_name::sha256, key, text);
}

}  // namespace

std::string tc3_authorization(const tc3_request& what, std::string_view secret_id, std::string_view secret_key) {
  const std::string date = utc_date(what.timestamp * core::ms_per_second);
  const std::string scope = date + '/' + std::string(what.service) + "/tc3_request";
  const std::string canonical = "POST\n" + std::string(what.path) + "\n\n" + std::string(what.canonical_headers) +
                                '\n' + std::string(what.signed_headers) + '\n' + crypto::sha256_hex(what.body);
  const std::string text =
      "TC3-HMAC-SHA256\n" + std::to_string(what.timestamp) + '\n' + scope + '\n' + crypto::sha256_hex(canonical);
  const std::string key = hmac256(hmac256(hmac256("TC3" + std::string(secret_key), date), what.service), "tc3_request");
  return "TC3-HMAC-SHA256 Credential=" + std::string(secret_id) + '/' + scope +
         ", SignedHeaders=" + std::string(what.signed_headers) + ", Signature=" + crypto::to_hex(hmac256(key, text));
}

std::unique_ptr<provider> make_tencent(section& keys) {
  tencent_settings read;
  read.secret_id = keys.required_text("secret-id");
  read.secret_key = keys.required_secret("secret-key");
  read.token = keys.secret("token");
  read.app_id = keys.required_text("app-id");
  read.sign_name = keys.text("sign-name", "");  // mainland needs one, other countries take none
  read.region = keys.text("region", "ap-guangzhou");
  read.templates = template_ids(keys);
  read.parameters = read_parameters(keys);
  return std::make_unique<tencent>(std::move(read));
}

}  // namespace smsauth::sms
