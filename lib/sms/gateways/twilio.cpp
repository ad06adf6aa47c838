#include "sms/gateways/twilio.hpp"

#include "crypto/base64.hpp"
#include "crypto/equal.hpp"
#include "crypto/legacy_mac.hpp"
#include "crypto/mac.hpp"
#include "sms/wire_code.hpp"
#include "sms/wire_json.hpp"
#include "sms/wire_reply.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace smsauth::sms {

namespace {

constexpr unsigned created = 201;
constexpr unsigned server_error = 500;  ///< Twilio's own trouble: it may have sent (rule 0.5)
constexpr std::int64_t longest_validity_seconds = 36'000;

constexpr std::array codes{
    code_class{"21211", rejection::bad_number},          code_class{"21614", rejection::bad_number},
    code_class{"21217", rejection::bad_number},          code_class{"21610", rejection::blocked_number},
    code_class{"21408", rejection::auth_config},         code_class{"20003", rejection::auth_config},
    code_class{"20404", rejection::auth_config},         code_class{"21606", rejection::content_or_template},
    code_class{"21603", rejection::content_or_template}, code_class{"21617", rejection::content_or_template},
    code_class{"20429", rejection::retry_later},
};

delivery_state state_of(std::string_view status) {
  if (status == "delivered" || status == "read") return delivery_state::delivered;
  if (status == "undelivered" || status == "failed" || status == "canceled") return delivery_state::failed;
  constexpr std::array under_way{"queued", "accepted", "scheduled", "sending", "sent", "partially_delivered"};
  const bool known = std::find(under_way.begin(), under_way.end(), status) != under_way.end();
  return known ? delivery_state::intermediate : delivery_state::unknown;
}

// The URL with and without the default port: which of them was signed depends on the client that called.
std::string with_other_port(std::string_view url) {
  constexpr std::string_view https = "https://";
  constexpr std::string_view port = ":443";
  if (!url.starts_with(https)) return {};
  const auto end = std::min(url.find_first_of("/?", https.size()), url.size());
  const std::string_view host = url.substr(0, end);
  if (host.ends_with(port)) return std::string(host.substr(0, host.size() - port.size())).append(url.substr(end));
  if (host.find(':', https.size()) != std::string_view::npos) return {};
  return std::string(host).append(port).append(url.substr(end));
}

struct twilio_settings {
  std::string account;
  std::string auth_token;
  std::string user;  ///< of Basic: the account or an API key
  std::string password;
  std::string from;
  std::string service;  ///< messaging service; empty when `from` is given
  std::string callback;
};

class twilio final : public provider {
 public:
  explicit twilio(twilio_settings settings) : settings_(std::move(settings)) {}

  net::http_request make_request(const message& what, core::epoch_ms now, std::string_view /*nonce*/,
                                 std::string_view /*host*/, std::string_view /*path_prefix*/) const override {
    wire_fields fields{{"To", what.to}, {"Body", what.text}};
    if (settings_.service.empty()) {
      fields.emplace_back("From", settings_.from);
    } else {
      fields.emplace_back("MessagingServiceSid", settings_.service);
    }
    const std::int64_t left = (what.deadline - now) / core::ms_per_second;
    fields.emplace_back("ValidityPeriod", std::to_string(std::clamp<std::int64_t>(left, 1, longest_validity_seconds)));
    if (!settings_.callback.empty()) fields.emplace_back("StatusCallback", settings_.callback);
    net::http_request made;
    made.target = "/2010-04-01/Accounts/" + settings_.account + "/Messages.json";
    made.body = encode_fields(fields);
    made.headers.push_back({"Authorization", "Basic " + crypto::base64(settings_.user + ':' + settings_.password)});
    made.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    return made;
  }

  outcome read_reply(unsigned status, std::string_view body) const override {
    const auto reply = parse_wire_json(body);
    if (!reply || !reply->is_object() || status >= server_error) return unreadable(status);
    if (status != created) {
      const std::string code = wire_text(*reply, "code");
      return code.empty() ? unreadable(status) : refused(codes, code, status);
    }
    std::string id = wire_text(*reply, "sid");
    const std::string failed = wire_text(*reply, "error_code");
    if (!failed.empty()) return refused(codes, failed);
    return id.empty() ? outcome::unknown("no_id") : outcome::accepted(std::move(id));
  }

  receipt_result read_receipts(const receipt_call& call) const override {
    if (call.method != "POST") return receipt_result::malformed();
    const auto form = parse_fields(call.body);
    if (!form) return receipt_result::malformed();
    std::string url(call.public_url);
    if (!call.query.empty()) url.append(1, '?').append(call.query);
    if (!signed_by_twilio(url, *form, call.header("X-Twilio-Signature"))) return receipt_result::forged();
    const std::string_view status =
        find_field(*form, "MessageStatus").value_or(find_field(*form, "SmsStatus").value_or(""));
    // A user's own message to our number: taken, and nothing to keep.
    if (status == "received" || status == "receiving") return receipt_result::taken({}, "", "text/plain");
    receipt one;
    one.provider_id = find_field(*form, "MessageSid").value_or("");
    if (one.provider_id.empty()) return receipt_result::malformed();
    one.to = find_field(*form, "To").value_or("");
    one.state = state_of(status);
    one.error_code = wire_code(find_field(*form, "ErrorCode").value_or(""));
    std::vector<receipt> told;
    told.push_back(std::move(one));
    return receipt_result::taken(std::move(told), "", "text/plain");
  }

 private:
  bool signed_by_twilio(const std::string& url, const wire_fields& form, std::string_view signature) const {
    if (signature.empty()) return false;
    if (crypto::equal(twilio_signature(url, form, settings_.auth_token), signature)) return true;
    const std::string other = with_other_port(url);
    return !other.empty() && crypto::equal(twilio_signature(other, form, settings_.auth_token), signature);
  }

  const twilio_settings settings_;
};

}  // namespace

std::string twilio_signature(std::string_view url, const wire_fields& form, std::string_view auth_token) {
  std::map<std::string, std::set<std::string>> sorted;
  for (const auto& [name, value] : form)
    sorted[name].insert(value);
  std::string text(url);
  for (const auto& [name, values] : sorted) {
    for (const std::string& value : values)
      text.append(name).append(value);
  }
  return crypto::base64(crypto::hmac(crypto::digest_name::sha1, auth_token, text));
}

std::unique_ptr<provider> make_twilio(section& keys) {
  twilio_settings read;
  read.account = keys.required_text("account-sid");
  read.auth_token = keys.required_secret("auth-token");
  read.user = keys.text("api-key-sid", read.account);
  const std::string key_secret = keys.secret("api-key-secret");
  if ((read.user != read.account) != !key_secret.empty())
    throw section_error("api-key-secret", "expected api-key-sid and api-key-secret together, or neither");
  read.password = key_secret.empty() ? read.auth_token : key_secret;
  read.from = keys.text("from", "");
  read.service = keys.text("messaging-service-sid", "");
  if (read.from.empty() == read.service.empty())
    throw section_error("from", "expected either from or messaging-service-sid");
  read.callback = keys.text("status-callback", "");
  return std::make_unique<twilio>(std::move(read));
}

}  // namespace smsauth::sms
