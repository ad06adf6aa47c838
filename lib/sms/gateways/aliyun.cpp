#include "sms/gateways/aliyun.hpp"

#include "crypto/base64.hpp"
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

#include <array>

namespace smsauth::sms {

namespace {

constexpr std::string_view api_version = "2017-05-25";
constexpr std::string_view action = "SendSms";
constexpr int beijing = 8;

constexpr std::array codes{
    code_class{"isv.BUSINESS_LIMIT_CONTROL", rejection::rate_limited},
    code_class{"isv.DAY_LIMIT_CONTROL", rejection::insufficient_funds},
    code_class{"isv.MONTH_LIMIT_CONTROL", rejection::insufficient_funds},
    code_class{"isv.MOBILE_NUMBER_ILLEGAL", rejection::bad_number},
    code_class{"isv.DOMESTIC_NUMBER_NOT_SUPPORTED", rejection::bad_number},
    code_class{"isv.MOBILE_COUNT_OVER_LIMIT", rejection::permanent},
    code_class{"isv.AMOUNT_NOT_ENOUGH", rejection::insufficient_funds},
    code_class{"isv.OUT_OF_SERVICE", rejection::insufficient_funds},
    code_class{"isv.SMS_SIGNATURE_ILLEGAL", rejection::content_or_template},
    code_class{"isv.SMS_SIGN_ILLEGAL", rejection::content_or_template},
    code_class{"isv.SIGN_STATE_ILLEGAL", rejection::content_or_template},
    code_class{"isv.SMS_TEMPLATE_ILLEGAL", rejection::content_or_template},
    code_class{"isv.SMS_SIGNATURE_SCENE_ILLEGAL", rejection::content_or_template},
    code_class{"isv.TEMPLATE_MISSING_PARAMETERS", rejection::content_or_template},
    code_class{"isv.TEMPLATE_PARAMS_ILLEGAL", rejection::content_or_template},
    code_class{"isv.INVALID_JSON_PARAM", rejection::content_or_template},
    code_class{"isv.PARAM_LENGTH_LIMIT", rejection::content_or_template},
    code_class{"isv.PARAM_NOT_SUPPORT_URL", rejection::content_or_template},
    code_class{"isv.SMS_CONTENT_ILLEGAL", rejection::content_or_template},
    code_class{"isv.EXTEND_CODE_ERROR", rejection::content_or_template},
    code_class{"isv.BLACK_KEY_CONTROL_LIMIT", rejection::content_or_template},
    code_class{"isp.RAM_PERMISSION_DENY", rejection::auth_config},
    code_class{"isv.ACCOUNT_NOT_EXISTS", rejection::auth_config},
    code_class{"isv.ACCOUNT_ABNORMAL", rejection::auth_config},
    code_class{"isv.PRODUCT_UN_SUBSCRIPT", rejection::auth_config},
    code_class{"isv.PRODUCT_UNSUBSCRIBE", rejection::auth_config},
    code_class{"isv.DENY_IP_RANGE", rejection::auth_config},
    code_class{"SignatureDoesNotMatch", rejection::auth_config},
    code_class{"SignatureNonceUsed", rejection::auth_config},
    code_class{"InvalidAccessKeyId.*", rejection::auth_config},
    code_class{"InvalidTimeStamp.*", rejection::auth_config},
    code_class{"isp.SYSTEM_ERROR", rejection::retry_later},
    code_class{"Throttling*", rejection::retry_later},
    code_class{"ServiceUnavailable*", rejection::retry_later},
};

struct aliyun_settings {
  std::string key_id;
  std::string secret;
  std::string token;  ///< of temporary credentials; empty = none
  std::string sign_name;
  std::string code_variable;
  std::string region;
  bool rpc = false;
  template_ids templates;
};

class aliyun final : public provider {
 public:
  explicit aliyun(aliyun_settings settings) : settings_(std::move(settings)) {}

  net::http_request make_request(const message& what, core::epoch_ms now, std::string_view nonce, std::string_view host,
                                 std::string_view path_prefix) const override {
    boost::json::object variables;
    variables[settings_.code_variable] = what.code;
    sorted_fields fields{{"PhoneNumbers", bare_number(what.to)},
                         {"SignName", settings_.sign_name},
                         {"TemplateCode", settings_.templates.of(what)},
                         {"TemplateParam", boost::json::serialize(variables)},
                         {"OutId", what.id}};
    if (!settings_.region.empty()) fields["RegionId"] = settings_.region;
    return settings_.rpc ? rpc_request(std::move(fields), now, nonce)
                         : acs3_request(fields, now, nonce, host, path_prefix);
  }

  outcome read_reply(unsigned status, std::string_view body) const override {
    const auto reply = parse_wire_json(body);
    const std::string code = reply ? wire_text(*reply, "Code") : std::string();
    if (code.empty()) return unreadable(status);
    if (code != "OK") return refused(codes, code, status);
    std::string id = wire_text(*reply, "BizId");
    // Accepted, but nothing will tell what became of it.
    return id.empty() ? outcome::unknown("no_id") : outcome::accepted(std::move(id));
  }

  receipt_result read_receipts(const receipt_call& call) const override {
    const auto pushed = parse_wire_json(call.body);
    const auto* const all = pushed ? pushed->if_array() : nullptr;
    if (call.method != "POST" || all == nullptr) return receipt_result::malformed();
    std::vector<receipt> told;
    for (const auto& each : *all) {
      if (told.size() == max_receipts) break;
      receipt one = wire_member(each, "MessageId") != nullptr ? read_foreign(each) : read_domestic(each);
      if (!one.provider_id.empty()) told.push_back(std::move(one));
    }
    return receipt_result::taken(std::move(told), R"({"code":0,"msg":"OK"})", "application/json");
  }

 private:
  net::http_request rpc_request(sorted_fields fields, core::epoch_ms now, std::string_view nonce) const {
    fields["Action"] = action;
    fields["Version"] = api_version;
    fields["Format"] = "JSON";
    fields["AccessKeyId"] = settings_.key_id;
    fields["SignatureMethod"] = "HMAC-SHA1";
    fields["SignatureVersion"] = "1.0";
    fields["SignatureNonce"] = nonce;
    fields["Timestamp"] = utc_time(now);
    if (!settings_.token.empty()) fields["SecurityToken"] = settings_.token;
    fields["Signature"] = aliyun_rpc_signature("POST", fields, settings_.secret);
    net::http_request made;
    made.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    made.body = encode_fields(fields);
    return made;
  }

  net::http_request acs3_request(const sorted_fields& fields, core::epoch_ms now, std::string_view nonce,
                                 std::string_view host, std::string_view path_prefix) const {
    sorted_fields headers{{"host", std::string(host)},
                          {"x-acs-action", std::string(action)},
                          {"x-acs-version", std::string(api_version)},
                          {"x-acs-date", utc_time(now)},
                          {"x-acs-signature-nonce", std::string(nonce)},
                          {"x-acs-content-sha256", crypto::sha256_hex("")}};
    if (!settings_.token.empty()) {
      headers["x-acs-accesskey-id"] = settings_.key_id;
      headers["x-acs-security-token"] = settings_.token;
    }
    net::http_request made;
    made.target = "/?" + encode_fields(fields);
    for (const auto& [name, value] : headers) {
      if (name != "host") made.headers.push_back({name, value});
    }
    const std::string path = std::string(path_prefix) + "/";
    made.headers.push_back({"Authorization", aliyun_acs3_authorization("POST", path, fields, headers, "",
                                                                       settings_.key_id, settings_.secret)});
    return made;
  }

  static receipt read_domestic(const boost::json::value& each) {
    receipt one;
    one.provider_id = wire_text(each, "biz_id");
    one.message_id = wire_text(each, "out_id");
    one.to = e164_of(wire_text(each, "phone_number"));
    one.state = wire_text(each, "success") == "true" ? delivery_state::delivered : delivery_state::failed;
    one.error_code = wire_code(wire_text(each, "err_code"));
    one.at = parse_time(wire_text(each, "report_time"), beijing).value_or(0);
    return one;
  }

  static receipt read_foreign(const boost::json::value& each) {
    receipt one;
    one.provider_id = wire_text(each, "MessageId");
    one.to = e164_of(wire_text(each, "To"));
    const std::string status = wire_text(each, "Status");
    one.state = status == "1"   ? delivery_state::delivered
                : status == "2" ? delivery_state::failed
                : status == "6" ? delivery_state::expired
                                : delivery_state::unknown;
    one.error_code = wire_code(wire_text(each, "ErrorCode"));
    return one;
  }

  const aliyun_settings settings_;
};

}  // namespace

std::string aliyun_rpc_signature(std::string_view method, const sorted_fields& parameters, std::string_view secret) {
  const std::string text = std::string(method) + "&%2F&" + percent_encode(encode_fields(parameters));
  return crypto::base64(crypto::hmac(crypto::digest_name::sha1, std::string(secret) + '&', text));
}

std::string aliyun_acs3_authorization(std::string_view method, std::string_view path, const sorted_fields& query,
                                      const sorted_fields& headers, std::string_view body, std::string_view key_id,
                                      std::string_view secret) {
  std::string canonical = std::string(method) + '\n' + std::string(path) + '\n' + encode_fields(query) + '\n';
  std::string names;
  for (const auto& [name, value] : headers) {
    canonical.append(name).append(1, ':').append(value).append(1, '\n');
    names.append(names.empty() ? "" : ";").append(name);
  }
  canonical += '\n' + names + '\n' + crypto::sha256_hex(body);
  const std::string text = "ACS3-HMAC-SHA256\n" + crypto::sha256_hex(canonical);
  return "ACS3-HMAC-SHA256 Credential=" + std::string(key_id) + ",SignedHeaders=" + names +
         ",Signature=" + crypto::to_hex(crypto::hmac(crypto::digest_name::sha256, secret, text));
}

std::unique_ptr<provider> make_aliyun(section& keys) {
  aliyun_settings read;
  read.key_id = keys.required_text("access-key-id");
  read.secret = keys.required_secret("access-key-secret");
  read.token = keys.secret("security-token");
  read.sign_name = keys.required_text("sign-name");
  read.code_variable = keys.text("code-variable", "code");
  read.region = keys.text("region-id", "");
  read.rpc = keys.choice("signature", "acs3|rpc") == "rpc";
  read.templates = template_ids(keys);
  return std::make_unique<aliyun>(std::move(read));
}

}  // namespace smsauth::sms
