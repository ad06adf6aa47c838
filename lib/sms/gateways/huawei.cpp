#include "sms/gateways/huawei.hpp"

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "crypto/legacy_mac.hpp"
#include "crypto/mac.hpp"
#include "sms/gateways/templates.hpp"
#include "sms/url_encoding.hpp"
#include "sms/wire_code.hpp"
#include "sms/wire_json.hpp"
#include "sms/wire_reply.hpp"
#include "sms/wire_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <array>

namespace smsauth::sms {

namespace {

constexpr std::string_view path = "/sms/batchSendSms/v1";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";
constexpr std::string_view success = "000000";
constexpr std::string_view look_inside = "E000510";  // the real code is in result[].status

constexpr std::array codes{
    code_class{"E000101", rejection::auth_config},         code_class{"E000045", rejection::auth_config},
    code_class{"E000102", rejection::auth_config},         code_class{"E000112", rejection::auth_config},
    code_class{"E000503", rejection::content_or_template}, code_class{"E000000", rejection::content_or_template},
    code_class{"E200041", rejection::bad_number},
};

struct huawei_settings {
  std::string app_key;
  std::string app_secret;
  std::string sender;
  std::string sign_name;  ///< of universal templates; empty = none
  std::string status_callback;
  bool by_signature = false;  ///< aksk
  bool digest_of_hex = false;
  template_ids templates;
  std::vector<std::string> parameters;
};

receipt read_status(std::string id, std::string_view status, std::string_view time, std::string_view to,
                    std::string_view extend) {
  receipt one;
  one.provider_id = std::move(id);
  one.message_id = extend;
  one.to = to;
  one.state = status == "DELIVRD"   ? delivery_state::delivered
              : status == "EXPIRED" ? delivery_state::expired
                                    : delivery_state::failed;
  one.error_code = wire_code(status);
  one.at = parse_time(time, 0).value_or(0);
  return one;
}

class huawei final : public provider {
 public:
  explicit huawei(huawei_settings settings) : settings_(std::move(settings)) {}

  net::http_request make_request(const message& what, core::epoch_ms now, std::string_view nonce, std::string_view host,
                                 std::string_view path_prefix) const override {
    boost::json::array values;
    for (const std::string& each : fill_parameters(settings_.parameters, what, now))
      values.emplace_back(each);
    wire_fields fields{{"from", settings_.sender},
                       {"to", what.to},
                       {"templateId", settings_.templates.of(what)},
                       {"templateParas", boost::json::serialize(values)}};
    if (!settings_.sign_name.empty()) fields.emplace_back("signature", settings_.sign_name);
    if (!settings_.status_callback.empty()) fields.emplace_back("statusCallback", settings_.status_callback);
    fields.emplace_back("extend", what.id);

    net::http_request made;
    made.target = path;
    made.body = encode_fields(fields);
    made.headers.push_back({"Content-Type", std::string(form_type)});
    if (settings_.by_signature) {
      const std::string date = utc_time_compact(now);
      made.headers.push_back({"X-Sdk-Date", date});
      made.headers.push_back(
          {"Authorization", huawei_sdk_authorization(std::string(path_prefix).append(path), host, date, made.body,
                                                     settings_.app_key, settings_.app_secret)});
      return made;
    }
    const std::string created = utc_time(now);
    made.headers.push_back({"Authorization", R"(WSSE realm="SDP",profile="UsernameToken",type="Appkey")"});
    made.headers.push_back(
        {"X-WSSE", "UsernameToken Username=\"" + settings_.app_key + "\",PasswordDigest=\"" +
                       huawei_password_digest(nonce, created, settings_.app_secret, settings_.digest_of_hex) +
                       "\",Nonce=\"" + std::string(nonce) + "\",Created=\"" + created + '"'});
    return made;
  }

  outcome read_reply(unsigned status, std::string_view body) const override {
    const auto reply = parse_wire_json(body);
    std::string code = reply ? wire_text(*reply, "code") : std::string();
    if (code.empty()) return unreadable(status);
    const auto* const result = wire_member(*reply, "result");
    const auto* const all = result == nullptr ? nullptr : result->if_array();
    const bool has_one = all != nullptr && all->size() == 1;
    if (has_one && (code == look_inside || code == success)) {
      const std::string inner = wire_text(all->front(), "status");
      if (!inner.empty()) code = inner;
    }
    if (code != success) return refused(codes, code, status);
    std::string id = has_one ? wire_text(all->front(), "smsMsgId") : std::string();
    return id.empty() ? outcome::unknown("no_id") : outcome::accepted(std::move(id));
  }

  receipt_result read_receipts(const receipt_call& call) const override {
    if (call.method != "POST") return receipt_result::malformed();
    std::vector<receipt> told;
    if (const auto batch = parse_wire_json(call.body)) {
      const auto* const list = wire_member(*batch, "statusReportList");
      const auto* const all = list == nullptr ? nullptr : list->if_array();
      if (all == nullptr) return receipt_result::malformed();
      for (const auto& each : *all) {
        if (told.size() == max_receipts) break;
        std::string id = wire_text(each, "smsMsgId");
        if (id.empty()) continue;
        told.push_back(read_status(std::move(id), wire_text(each, "status"), wire_text(each, "updateTime"),
                                   wire_text(each, "to"), wire_text(each, "extend")));
      }
    } else {
      const auto form = parse_fields(call.body);
      if (!form) return receipt_result::malformed();
      const auto field = [&](std::string_view name) { return find_field(*form, name).value_or(""); };
      if (field("smsMsgId").empty()) return receipt_result::malformed();
      told.push_back(read_status(std::string(field("smsMsgId")), field("status"), field("updateTime"), field("to"),
                                 field("extend")));
    }
    return receipt_result::taken(std::move(told), "", "text/plain");
  }

 private:
  const huawei_settings settings_;
};

}  // namespace

std::string huawei_password_digest(std::string_view nonce, std::string_view created, std::string_view secret,
                                   bool of_hex) {
  const std::string raw = crypto::hash(crypto::digest_name::sha256, std::string(nonce).append(created).append(secret));
  return crypto::base64(of_hex ? crypto::to_hex(raw) : raw);
}

std::string huawei_sdk_authorization(std::string_view path_sent, std::string_view host, std::string_view date,
                                     std::string_view body, std::string_view key, std::string_view secret) {
  constexpr std::string_view names = "content-type;host;x-sdk-date";
  const std::string canonical = "POST\n" + std::string(path_sent) + "/\n\ncontent-type:" + std::string(form_type) +
                                "\nhost:" + std::string(host) + "\nx-sdk-date:" + std::string(date) + "\n\n" +
                                std::string(names) + '\n' + crypto::sha256_hex(body);
  const std::string text = "SDK-HMAC-SHA256\n" + std::string(date) + '\n' + crypto::sha256_hex(canonical);
  return "SDK-HMAC-SHA256 Access=" + std::string(key) + ", SignedHeaders=" + std::string(names) +
         ", Signature=" + crypto::to_hex(crypto::hmac(crypto::digest_name::sha256, secret, text));
}

std::unique_ptr<provider> make_huawei(section& keys) {
  huawei_settings read;
  read.app_key = keys.required_text("app-key");
  read.app_secret = keys.required_secret("app-secret");
  read.sender = keys.required_text("sender");
  read.sign_name = keys.text("sign-name", "");
  read.status_callback = keys.text("status-callback", "");
  read.by_signature = keys.choice("auth", "wsse|aksk") == "aksk";
  read.digest_of_hex = keys.choice("digest", "raw|hex") == "hex";
  read.templates = template_ids(keys);
  read.parameters = read_parameters(keys);
  return std::make_unique<huawei>(std::move(read));
}

}  // namespace smsauth::sms
