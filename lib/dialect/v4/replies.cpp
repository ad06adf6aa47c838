#include "dialect/v4/replies.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <utility>

namespace smsauth::dialect::v4 {

namespace json = boost::json;

namespace {

constexpr int success = 200;

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

http::response envelope(json::value data, std::string_view text) {
  json::object body;
  body["code"] = success;
  body["data"] = std::move(data);
  body["msg"] = view(text);
  return {success, json::serialize(body)};
}

/// The keys that registration and login share. "pemissions" is how the page and its clients spell it.
json::object account_data(const core::account& account, const service::token_set& tokens) {
  json::object data;
  data["token"] = tokens.access_token;
  data["user_id"] = account.public_id;
  data["name"] = account.name;
  json::array permissions;
  for (const std::string& one : account.permissions)
    permissions.emplace_back(one);
  data["pemissions"] = std::move(permissions);
  return data;
}

json::object application_data(const std::optional<core::enterprise_application>& application) {
  json::object data;
  if (!application) return data;
  data["apply_eid"] = application->enterprise_id;
  data["apply_name"] = application->name;
  data["apply_state"] = std::to_string(application->state);
  return data;
}

}  // namespace

http::response sent_reply() {
  return {success, R"({"code":"200","msg":"发送成功"})"};
}

http::response plain_reply(std::string_view text) {
  return envelope("", text);
}

http::response code_proved_reply(std::string_view reset_token) {
  json::object data;
  data["reset_token"] = view(reset_token);
  return envelope(std::move(data), "验证码正确");
}

http::response registered_reply(const core::account& account, const service::token_set& tokens) {
  json::object data = account_data(account, tokens);
  data["change_device"] = false;
  data["enterprise_id"] = account.enterprise_id;
  data["apply"] = json::object();
  return envelope(std::move(data), "注册成功");
}

http::response logged_in_reply(const core::account& account, const service::token_set& tokens, bool device_changed) {
  json::object data = account_data(account, tokens);
  data["change_device"] = device_changed;
  data["enterprise_id"] = std::to_string(account.enterprise_id);
  data["apply"] = application_data(account.application);
  return envelope(std::move(data), "登录成功");
}

}  // namespace smsauth::dialect::v4
