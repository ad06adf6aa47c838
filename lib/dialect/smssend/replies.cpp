#include "dialect/smssend/replies.hpp"

#include "dialect/beijing_time.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <utility>

namespace smsauth::dialect::smssend {

namespace json = boost::json;

namespace {

constexpr int http_ok = 200;

http::response envelope(json::object data) {
  json::object body;
  body["code"] = 0;
  body["msg"] = "成功";
  body["data"] = std::move(data);
  return {http_ok, json::serialize(body)};
}

/// What the client reads of the person who logged in. Names that begin with is_ or end with _status, vip or _type are
/// integers, all others strings. What the product does not keep (levels, authenticator apps) is empty or 0.
json::object info_data(const core::account& account, const service::settings& config) {
  const auto phone = core::stored_phone(account.phone);  // fails only for an account without a number
  json::object info;
  info["uuid"] = account.public_id;
  info["username"] = account.username;
  info["name"] = account.name;
  info["nickname"] = account.nickname;
  info["headimg"] = account.avatar.empty() ? config.avatar_url : account.avatar;
  info["regip"] = account.register_address;
  info["regtime"] = beijing_datetime(account.created_at);
  info["lasttime"] = beijing_datetime(account.last_login_at);
  info["lastip"] = account.last_login_address;
  info["level"] = "";
  info["vip"] = 0;
  info["email"] = account.email;
  info["phone"] = account.phone;
  info["verified_status"] = 0;
  info["set_country_code"] = phone ? std::string(phone->region()) : std::string();
  info["set_lang"] = "";
  info["is_set_paypassword"] = account.has_pay_password ? 1 : 0;
  info["is_bind_googleauthenticator"] = 0;
  info["is_google_authenticator"] = 0;
  info["is_sms_verify"] = account.phone.empty() ? 0 : 1;
  info["is_email_verify"] = 0;
  info["internationalcode"] = phone ? "+" + std::to_string(phone->country_code()) : std::string();
  info["lastplatform"] = "";
  info["lastdeviceid"] = account.last_login_device;
  info["account_type"] = 0;
  info["user_type"] = 0;
  return info;
}

/// Changes of the profile that wait for an editor: the product has no such queue, so none ever waits.
json::object edit_review_data() {
  json::object none;
  none["value"] = "";
  none["status"] = 0;
  none["add_time"] = "";
  none["ext"] = "";
  none["extime"] = "";
  json::object review;
  for (const char* what : {"headimg", "nickname", "paypassword", "email"})
    review[what] = none;
  return review;
}

}  // namespace

http::response sent_reply(const service::send_receipt& receipt) {
  json::object data;
  data["timeless"] = receipt.ttl_seconds;
  data["nexttime"] = receipt.gap_seconds;
  data["code"] = "";
  if (!receipt.echo_code.empty()) {
    std::int64_t number = 0;
    std::from_chars(receipt.echo_code.data(), receipt.echo_code.data() + receipt.echo_code.size(), number);
    data["code"] = number;
  }
  return envelope(std::move(data));
}

http::response exists_reply(bool exists) {
  json::object data;
  data["exist"] = exists;
  return envelope(std::move(data));
}

http::response registered_reply(const core::account& account) {
  json::object data;
  data["uuid"] = account.public_id;
  return envelope(std::move(data));
}

http::response logged_in_reply(const service::signed_in& session, const service::settings& config) {
  json::object data;
  data["token"] = session.tokens.access_token;
  data["info"] = info_data(session.account, config);
  data["editreview"] = edit_review_data();
  return envelope(std::move(data));
}

http::response password_changed_reply() {
  return envelope(json::object());
}

}  // namespace smsauth::dialect::smssend
