#include "dialect/module/replies.hpp"

#include "core/phone_number.hpp"
#include "dialect/beijing_time.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace smsauth::dialect::module {

namespace json = boost::json;

namespace {

constexpr int success = 200;  // in the envelope as in HTTP

http::response envelope(std::string_view text, json::object data) {
  json::object body;
  body["status"] = success;
  body["msg"] = json::string_view(text.data(), text.size());
  body["data"] = std::move(data);
  return {success, json::serialize(body)};
}

json::object circle_data(const core::social_circle& circle) {
  json::object data;
  data["social_id"] = circle.id;
  data["name"] = circle.name;
  data["logo"] = circle.logo;
  data["describe"] = circle.description;
  return data;
}

json::object account_data(const core::account& account, const service::settings& config) {
  const auto phone = core::stored_phone(account.phone);  // fails only for an account without a number
  const std::string national = phone ? std::string(phone->national()) : std::string();
  json::object data;
  data["uid"] = account.uid;
  data["avatar"] = account.avatar.empty() ? config.avatar_url : account.avatar;
  data["c_code"] = phone ? std::to_string(phone->country_code()) : std::string();
  data["phone"] = national;
  data["email"] = account.email;
  data["username"] = core::masked_national(national);
  data["male"] = account.gender;
  data["birthday"] = account.birthday;
  data["nickname"] = account.nickname;
  data["type"] = account.role;
  data["phone_active"] = phone ? 1 : 0;
  data["email_active"] = 0;
  data["status"] = account.status == core::account_status::normal ? 1 : 0;
  data["create_at"] = beijing_datetime(account.created_at);
  data["update_at"] = beijing_datetime(account.updated_at);
  data["wx_openid"] = "";
  data["smallwx_openid"] = "";
  data["change_username"] = account.can_rename ? 1 : 0;
  data["integral"] = account.points;
  data["invite_code"] = core::invite_code_of(account.uid);
  data["set_password"] = !account.has_password;  // true: the client asks for one
  data["settled_in_status"] = account.settled;
  data["social_circle"] = circle_data(account.circle.id != 0 ? account.circle : config.default_circle);
  return data;
}

}  // namespace

http::response sent_reply(const service::send_receipt& receipt) {
  json::object data;
  data["ttl"] = receipt.ttl_seconds;
  data["interval"] = receipt.gap_seconds;
  return envelope("发送成功", std::move(data));
}

http::response signed_in_reply(const core::account& account, const service::token_set& tokens,
                               const service::settings& config) {
  json::object data = account_data(account, config);
  data["token"] = tokens.access_token;
  return envelope("登录成功!", std::move(data));
}

http::response password_changed_reply() {
  return envelope("修改成功", json::object());
}

}  // namespace smsauth::dialect::module
