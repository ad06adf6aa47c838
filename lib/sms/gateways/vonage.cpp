#include "sms/gateways/vonage.hpp"

#include "crypto/base64.hpp"
#include "crypto/equal.hpp"
#include "crypto/hex.hpp"
#include "crypto/legacy_mac.hpp"
#include "sms/segments.hpp"
#include "sms/wire_code.hpp"
#include "sms/wire_json.hpp"
#include "sms/wire_reply.hpp"
#include "sms/wire_time.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace smsauth::sms {

namespace {

constexpr std::int64_t tolerance_seconds = 300;  ///< between the clocks of sender and reader
constexpr std::int64_t shortest_ttl_ms = 20'000;
constexpr std::int64_t longest_ttl_ms = 604'800'000;

constexpr std::array codes{
    code_class{"1", rejection::retry_later},
    code_class{"4", rejection::auth_config},
    code_class{"8", rejection::auth_config},
    code_class{"11", rejection::auth_config},
    code_class{"14", rejection::auth_config},
    code_class{"32", rejection::auth_config},
    code_class{"5", rejection::retry_later},
    code_class{"10", rejection::retry_later},
    code_class{"7", rejection::blocked_number},
    code_class{"33", rejection::blocked_number},
    code_class{"9", rejection::insufficient_funds},
    code_class{"15", rejection::content_or_template},
    code_class{"29", rejection::auth_config},
    code_class{"2", rejection::permanent},
    code_class{"3", rejection::permanent},
    code_class{"6", rejection::permanent},
    code_class{"12", rejection::content_or_template},
    code_class{"22", rejection::permanent},
    code_class{"23", rejection::permanent},
};

delivery_state state_of(std::string_view status) {
  if (status == "delivered") return delivery_state::delivered;
  if (status == "expired") return delivery_state::expired;
  if (status == "failed" || status == "rejected") return delivery_state::failed;
  return status == "accepted" || status == "buffered" ? delivery_state::intermediate : delivery_state::unknown;
}

struct vonage_settings {
  std::string api_key;
  std::string api_secret;
  std::string signature_secret;  ///< empty: requests carry the secret, receipts no signature
  std::string algorithm;
  std::string from;
  std::string callback;
};

class vonage final : public provider {
 public:
  explicit vonage(vonage_settings settings) : settings_(std::move(settings)) {}

  net::http_request make_request(const message& what, core::epoch_ms now, std::string_view /*nonce*/,
                                 std::string_view /*host*/, std::string_view /*path_prefix*/) const override {
    const bool plain = count_segments(what.text).encoding == sms_encoding::gsm7;
    sorted_fields fields{{"from", settings_.from},
                         {"to", what.to.substr(1)},
                         {"text", what.text},
                         {"type", plain ? "text" : "unicode"},
                         {"ttl", std::to_string(std::clamp(what.deadline - now, shortest_ttl_ms, longest_ttl_ms))},
                         {"client-ref", what.id}};
    if (!settings_.callback.empty()) {
      fields["callback"] = settings_.callback;
      fields["status-report-req"] = "1";
    }
    net::http_request made;
    made.target = "/sms/json";
    made.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    if (settings_.signature_secret.empty()) {
      made.headers.push_back(
          {"Authorization", "Basic " + crypto::base64(settings_.api_key + ':' + settings_.api_secret)});
    } else {
      fields["api_key"] = settings_.api_key;
      fields["timestamp"] = std::to_string(now / core::ms_per_second);
      fields["sig"] = vonage_signature(settings_.algorithm, fields, settings_.signature_secret);
    }
    made.body = encode_fields(fields);
    return made;
  }

  outcome read_reply(unsigned status, std::string_view body) const override {
    const auto reply = parse_wire_json(body);
    const auto* const parts = reply ? wire_member(*reply, "messages") : nullptr;
    const auto* const all = parts == nullptr ? nullptr : parts->if_array();
    if (all == nullptr || all->empty()) return unreadable(status);
    std::string first;    // id of the first part that was taken
    std::string refusal;  // code of the first that was not
    for (const auto& part : *all) {
      const std::string code = wire_text(part, "status");
      if (code.empty()) return unreadable(status);
      if (code != "0" && refusal.empty()) refusal = code;
      if (code != "0") continue;
      if (first.empty()) first = wire_text(part, "message-id");
      if (first.empty()) return outcome::unknown("no_id");
    }
    if (refusal.empty()) return outcome::accepted(std::move(first));
    return first.empty() ? refused(codes, refusal) : outcome::partial(std::move(first), wire_code(refusal));
  }

  receipt_result read_receipts(const receipt_call& call) const override {
    const auto fields = fields_of(call);
    if (!fields) return receipt_result::malformed();
    if (!settings_.signature_secret.empty() && !signed_by_vonage(*fields, call.now)) return receipt_result::forged();
    // A user's own message to our number: taken, and nothing to keep.
    if (value_of(*fields, "status").empty() && !value_of(*fields, "messageId").empty())
      return receipt_result::taken({}, "", "text/plain");
    receipt one;
    one.provider_id = value_of(*fields, "messageId");
    if (one.provider_id.empty()) return receipt_result::malformed();
    one.message_id = value_of(*fields, "client-ref");
    const std::string number = value_of(*fields, "msisdn");
    if (!number.empty()) one.to = '+' + number;
    one.state = state_of(value_of(*fields, "status"));
    one.error_code = wire_code(value_of(*fields, "err-code"));
    one.at = parse_time(value_of(*fields, "message-timestamp"), 0).value_or(0);
    std::vector<receipt> told;
    told.push_back(std::move(one));
    return receipt_result::taken(std::move(told), "", "text/plain");
  }

 private:
  static std::string value_of(const sorted_fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  }

  // By the account's setting: a query, a form or JSON.
  static std::optional<sorted_fields> fields_of(const receipt_call& call) {
    sorted_fields all;
    if (call.method == "POST" && call.content_type.starts_with("application/json")) {
      const auto body = parse_wire_json(call.body);
      const auto* const members = body ? body->if_object() : nullptr;
      if (members == nullptr) return std::nullopt;
      for (const auto& member : *members) {
        const std::string name(member.key().data(), member.key().size());
        all[name] = wire_text(*body, name);
      }
      return all;
    }
    const auto form = parse_fields(call.method == "POST" ? call.body : call.query);
    if (!form) return std::nullopt;
    for (const auto& [name, value] : *form)
      all[name] = value;
    return all;
  }

  bool signed_by_vonage(const sorted_fields& fields, core::epoch_ms now) const {
    std::string signature = value_of(fields, "sig");
    std::transform(signature.begin(), signature.end(), signature.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
    const std::string time = value_of(fields, "timestamp");
    const auto seconds = parse_unix_seconds(time);
    if (signature.empty() || !seconds) return false;
    const std::int64_t apart = now / core::ms_per_second - *seconds;
    if (apart > tolerance_seconds || apart < -tolerance_seconds) return false;
    return crypto::equal(vonage_signature(settings_.algorithm, fields, settings_.signature_secret), signature);
  }

  const vonage_settings settings_;
};

}  // namespace

std::string vonage_signature(std::string_view algorithm, const sorted_fields& fields, std::string_view secret) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (name == "sig") continue;
    text.append(1, '&').append(name).append(1, '=');
    for (const char c : value)
      text += c == '&' || c == '=' ? '_' : c;
  }
  using crypto::digest_name;
  if (algorithm == "md5hash") return crypto::to_hex(crypto::hash(digest_name::md5, text.append(secret)));
  const digest_name digest = algorithm == "md5"      ? digest_name::md5
                             : algorithm == "sha1"   ? digest_name::sha1
                             : algorithm == "sha512" ? digest_name::sha512
                                                     : digest_name::sha256;
  return crypto::to_hex(crypto::hmac(digest, secret, text));
}

std::unique_ptr<provider> make_vonage(section& keys) {
  vonage_settings read;
  read.api_key = keys.required_text("api-key");
  read.api_secret = keys.secret("api-secret");
  read.signature_secret = keys.secret("signature-secret");
  if (read.api_secret.empty() == read.signature_secret.empty())
    throw section_error("api-secret", "expected either api-secret or signature-secret: together they are refused");
  read.algorithm = keys.choice("signature", "sha256|md5hash|md5|sha1|sha512");
  read.from = keys.required_text("from");
  read.callback = keys.text("callback", "");
  return std::make_unique<vonage>(std::move(read));
}

}  // namespace smsauth::sms
