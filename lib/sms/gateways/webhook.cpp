#include "sms/gateways/webhook.hpp"

#include "crypto/base64.hpp"
#include "crypto/equal.hpp"
#include "crypto/legacy_mac.hpp"
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

constexpr std::int64_t tolerance_seconds = 300;  // inclusive
constexpr std::size_t min_key_bytes = 24;
constexpr std::size_t max_key_bytes = 64;
constexpr std::size_t longest_id = 128;

constexpr std::array statuses{
    code_class{"http_401", rejection::auth_config}, code_class{"http_402", rejection::insufficient_funds},
    code_class{"http_403", rejection::auth_config}, code_class{"http_404", rejection::auth_config},
    code_class{"http_405", rejection::auth_config}, code_class{"http_408", rejection::retry_later},
    code_class{"http_429", rejection::retry_later}, code_class{"http_3*", rejection::auth_config},
    code_class{"http_4*", rejection::permanent},
};

constexpr std::array classes{rejection::rate_limited,        rejection::bad_number,  rejection::blocked_number,
                             rejection::content_or_template, rejection::auth_config, rejection::insufficient_funds,
                             rejection::retry_later,         rejection::permanent};

std::optional<rejection> class_of(const boost::json::value& reply) {
  const auto* const error = wire_member(reply, "error");
  if (error == nullptr) return std::nullopt;
  const std::string named = wire_text(*error, "class");
  for (const rejection each : classes) {
    if (named == to_string(each)) return each;
  }
  return std::nullopt;
}

delivery_state state_of(std::string_view text) {
  for (const delivery_state each :
       {delivery_state::delivered, delivery_state::failed, delivery_state::expired, delivery_state::intermediate}) {
    if (text == to_string(each)) return each;
  }
  return delivery_state::unknown;
}

class webhook final : public provider {
 public:
  explicit webhook(std::vector<std::string> signing_keys) : keys_(std::move(signing_keys)) {}

  net::http_request make_request(const message& what, core::epoch_ms now, std::string_view /*nonce*/,
                                 std::string_view /*host*/, std::string_view path_prefix) const override {
    boost::json::object body;
    body["id"] = what.id;
    body["to"] = what.to;
    body["purpose"] = core::to_string(what.purpose);
    body["code"] = what.code;
    body["text"] = what.text;
    body["language"] = what.language;
    body["expires_at"] = what.deadline / core::ms_per_second;
    net::http_request made;
    made.target = path_prefix.empty() ? "/" : "";
    made.body = boost::json::serialize(body);
    const std::int64_t timestamp = now / core::ms_per_second;
    std::string signatures;
    for (const std::string& key : keys_) {
      if (!signatures.empty()) signatures += ' ';
      signatures += webhook_signature(what.id, timestamp, made.body, key);
    }
    made.headers.push_back({"Content-Type", "application/json"});
    made.headers.push_back({"webhook-id", what.id});
    made.headers.push_back({"webhook-timestamp", std::to_string(timestamp)});
    made.headers.push_back({"webhook-signature", std::move(signatures)});
    return made;
  }

  outcome read_reply(unsigned status, std::string_view body) const override {
    const auto reply = parse_wire_json(body);
    // A class is a word of somebody who read the message; it counts whatever the status is.
    if (const auto named = reply ? class_of(*reply) : std::nullopt)
      return outcome::rejected(*named, "http_" + std::to_string(status));
    // An error is one under any status: supabase's hooks answer 200 with {"error":{"http_code":429}}.
    const auto* const error = reply ? wire_member(*reply, "error") : nullptr;
    if (error != nullptr && error->is_object() && status < 300) {
      const auto meant = parse_unix_seconds(wire_text(*error, "http_code"));
      status = meant && *meant >= 400 && *meant < 600 ? static_cast<unsigned>(*meant) : 400;
    }
    const std::string code = "http_" + std::to_string(status);
    if (status >= 200 && status < 300) {
      std::string id = reply ? wire_text(*reply, "message_id") : std::string();
      // Without an id of its own the hook's receipts name ours: the sender fills it in for an empty one.
      return outcome::accepted(id.size() <= longest_id ? std::move(id) : std::string());
    }
    // A 5xx may come from a proxy in front of a hook that has sent: never again on our own (rule 0.5).
    return status >= 500 ? outcome::unknown(code) : refused(statuses, code);
  }

  receipt_result read_receipts(const receipt_call& call) const override {
    if (call.method != "POST") return receipt_result::malformed();
    if (!is_signed(call)) return receipt_result::forged();
    const auto body = parse_wire_json(call.body);
    if (!body) return receipt_result::malformed();
    std::vector<receipt> told;
    if (const auto* const all = body->if_array()) {
      for (const auto& each : *all) {
        if (told.size() < max_receipts) add(told, each);
      }
    } else if (body->is_object()) {
      add(told, *body);
    } else {
      return receipt_result::malformed();
    }
    return receipt_result::taken(std::move(told), R"({"ok":true})", "application/json");
  }

 private:
  static void add(std::vector<receipt>& told, const boost::json::value& each) {
    receipt one;
    one.provider_id = wire_text(each, "message_id");
    if (one.provider_id.empty()) return;
    one.state = state_of(wire_text(each, "state"));
    one.error_code = wire_code(wire_text(each, "error_code"));
    one.at = parse_unix_seconds(wire_text(each, "at")).value_or(0) * core::ms_per_second;
    told.push_back(std::move(one));
  }

  bool is_signed(const receipt_call& call) const {
    const std::string_view id = call.header("webhook-id");
    const auto timestamp = parse_unix_seconds(call.header("webhook-timestamp"));
    if (id.empty() || id.size() > longest_id || !timestamp) return false;
    const std::int64_t apart = call.now / core::ms_per_second - *timestamp;
    if (apart > tolerance_seconds || apart < -tolerance_seconds) return false;
    // Any entry may match; other versions are ignored, and so is a comma that some senders put between entries.
    for (std::string_view rest = call.header("webhook-signature"); !rest.empty();) {
      const auto end = std::min(rest.find(' '), rest.size());
      std::string_view given = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (given.ends_with(',')) given.remove_suffix(1);
      for (const std::string& key : keys_) {
        if (crypto::equal(webhook_signature(id, *timestamp, call.body, key), given)) return true;
      }
    }
    return false;
  }

  const std::vector<std::string> keys_;
};

}  // namespace

std::optional<std::string> webhook_key(std::string_view secret) {
  constexpr std::string_view version = "v1,";
  constexpr std::string_view prefix = "whsec_";
  if (secret.starts_with(version)) secret.remove_prefix(version.size());
  if (!secret.starts_with(prefix)) return std::nullopt;
  auto key = crypto::from_base64(secret.substr(prefix.size()));
  if (!key || key->size() < min_key_bytes || key->size() > max_key_bytes) return std::nullopt;
  return key;
}

std::string webhook_signature(std::string_view id, std::int64_t timestamp, std::string_view body,
                              std::string_view key) {
  const std::string text = std::string(id) + '.' + std::to_string(timestamp) + '.' + std::string(body);
  return "v1," + crypto::base64(crypto::hmac(crypto::digest_name::sha256, key, text));
}

std::unique_ptr<provider> make_webhook(section& keys) {
  std::vector<std::string> signing_keys;
  const std::string secrets = keys.required_secret("secret");
  for (std::string_view rest = secrets; !rest.empty();) {
    const auto end = std::min(rest.find('|'), rest.size());
    auto key = webhook_key(rest.substr(0, end));
    if (!key) throw section_error("secret", "expected whsec_ and 24 to 64 bytes in base 64; several separated by |");
    signing_keys.push_back(std::move(*key));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::make_unique<webhook>(std::move(signing_keys));
}

}  // namespace smsauth::sms
