#include "dialect/discuzq/resources.hpp"

#include "core/phone_number.hpp"
#include "dialect/beijing_time.hpp"
#include "dialect/discuzq/errors.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace smsauth::dialect::discuzq {

namespace {

namespace json = boost::json;

http::response resource_response(int status, std::string_view type, const std::string& id, json::object attributes) {
  json::object resource{{"type", type}, {"id", id}};
  resource["attributes"] = std::move(attributes);
  json::object document;
  document["data"] = std::move(resource);
  return http::response(status, json::serialize(document), json_api_content_type);
}

json::value date(core::epoch_ms when) {
  if (when == 0) return nullptr;
  return json::string(beijing_rfc3339(when));
}

/// Clients show `masked`; `original` goes back to the server as it is.
struct shown_number {
  std::string original;
  std::string masked;
};

shown_number shown(const std::string& e164, int default_country_code) {
  shown_number number;
  const auto phone = core::stored_phone(e164);
  if (!phone) return number;  // an account without a number
  const bool at_home = phone->country_code() == default_country_code;
  number.original = at_home ? std::string(phone->national()) : phone->e164();
  number.masked = core::masked_national(phone->national());
  return number;
}

std::string avatar(const core::account& account, const service::settings& config) {
  if (account.avatar.empty()) return config.avatar_url;
  const std::string version =
      std::to_string(account.updated_at / core::ms_per_second);  // defeats the client's image cache
  return account.avatar + (account.avatar.find('?') == std::string::npos ? "?" : "&") + version;
}

}  // namespace

http::response sent_response(std::int64_t interval_seconds) {
  return resource_response(201, "smssend", "1", json::object{{"interval", interval_seconds}});
}

http::response token_response(std::int64_t uid, const service::token_set& tokens) {
  json::object attributes{{"token_type", "Bearer"},
                          {"expires_in", tokens.expires_in_seconds},
                          {"access_token", tokens.access_token},
                          {"refresh_token", tokens.refresh_token}};
  return resource_response(200, "token", std::to_string(uid), std::move(attributes));
}

http::response user_response(const core::account& account, const service::settings& config) {
  const shown_number number = shown(account.phone, config.default_country_code);
  json::object attributes{
      {"id", account.uid},
      {"username", account.username},
      {"avatarUrl", avatar(account, config)},
      {"isReal", false},
      {"threadCount", 0},
      {"followCount", 0},
      {"fansCount", 0},
      {"likedCount", 0},
      {"questionCount", 0},
      {"follow", nullptr},
      {"signature", ""},  // never null: a client takes its length
      {"usernameBout", 0},
      {"status", static_cast<int>(account.status)},
      {"loginAt", date(account.last_login_at)},
      {"joinedAt", date(account.created_at)},
      {"expiredAt", nullptr},
      {"createdAt", date(account.created_at)},
      {"updatedAt", date(account.updated_at)},
      {"canEdit", false},
      {"canDelete", false},
      {"showGroups", false},
      {"registerReason", ""},
      {"banReason", ""},
      {"denyStatus", false},
      {"canEditUsername", account.can_rename},
      {"canBeAsked", false},
      {"originalMobile", number.original},
      {"mobile", number.masked},
      {"registerIp", account.register_address},
      {"lastLoginIp", account.last_login_address},
      {"registerPort", 0},
      {"lastLoginPort", 0},
      {"identity", ""},
      {"realname", ""},
      {"hasPassword", account.has_password},
      {"canWalletPay", account.has_pay_password && account.status == core::account_status::normal},
      {"walletBalance", "0.00"},
      {"walletFreeze", "0.00"},
  };
  return resource_response(200, "users", std::to_string(account.uid), std::move(attributes));
}

}  // namespace smsauth::dialect::discuzq
