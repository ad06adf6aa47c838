#include "dialect/failure_reply.hpp"
#include "dialect/flat_request.hpp"
#include "dialect/module/input.hpp"
#include "dialect/module/replies.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace smsauth;
namespace module_dialect = dialect::module;
namespace json = boost::json;
using core::errc;
using core::purpose;
using service::account_condition;
using test::fields_of;
using test::json_of;

template <class T>
errc error_of(const core::result<T>& read) {
  return read ? errc::count_ : read.error().code;
}

TEST_CASE("module: every failure is status 0 with a text and no data") {
  test::check_every_failure(module_dialect::refuse, [](errc, const http::response& reply) {
    const json::object body = json_of(reply).as_object();
    CHECK(body.size() == 2);
    CHECK(body.at("status").as_int64() == 0);
  });
  test::flat_request request("", "");
  CHECK(json_of(module_dialect::refuse(request.get(), errc::wrong_code)) ==
        json::parse(R"({"status":0,"msg":"验证码错误"})"));
  CHECK(json_of(module_dialect::refuse(request.get(), errc::already_registered)) ==
        json::parse(R"({"status":0,"msg":"该手机号已注册"})"));
  CHECK(module_dialect::refuse(request.get(), errc::malformed_request).status == 400);
  CHECK(module_dialect::refuse(request.get(), errc::unsupported_media_type).status == 415);
  CHECK(module_dialect::refuse(request.get(), errc::wrong_code).status == 200);
  CHECK(module_dialect::refuse(request.get(), errc::busy).status == 503);
  CHECK(module_dialect::refuse_at_edge(404, errc::malformed_request, request.get()).status == 404);
}

TEST_CASE("module: a signed-in reply is the seed's, key by key") {
  core::account account;
  account.uid = 7;
  account.phone = "+8613113690001";
  account.created_at = account.updated_at = 1'576'827'272'000;
  service::token_set tokens;
  tokens.access_token = "a.b.c";
  service::settings config;
  config.avatar_url = "http://novel.com/uploads/avatar/avatar.jpg";
  config.default_circle = {1, "kevin社圈", "http://wenxiang.com/5f72ae2fcb928.png", "kevin社圈你我共同守护"};
  json::value expected = json::parse(R"({"status":200,"msg":"登录成功!","data":{
      "uid":7,"avatar":"http://novel.com/uploads/avatar/avatar.jpg","c_code":"86","phone":"13113690001","email":"",
      "username":"131****0001","male":"","birthday":"","nickname":"","type":"member","phone_active":1,"email_active":0,
      "status":1,"create_at":"2019-12-20 15:34:32","update_at":"2019-12-20 15:34:32","wx_openid":"","smallwx_openid":"",
      "change_username":0,"integral":0,"invite_code":"","token":"a.b.c","set_password":true,"settled_in_status":false,
      "social_circle":{"social_id":1,"name":"kevin社圈","logo":"http://wenxiang.com/5f72ae2fcb928.png",
                       "describe":"kevin社圈你我共同守护"}}})");
  expected.at("data").at("invite_code") = core::invite_code_of(7);
  CHECK(json_of(module_dialect::signed_in_reply(account, tokens, config)) == expected);
}

TEST_CASE("module: a signed-in reply follows the account") {
  core::account account;
  account.uid = 8;
  account.phone = "+8613113690002";
  account.gender = "女";
  account.role = "General_admin";
  account.points = 12;
  account.can_rename = account.settled = account.has_password = true;
  account.status = core::account_status::banned;
  account.circle = {5, "own", "", ""};
  const json::value data = json_of(module_dialect::signed_in_reply(account, {}, {})).at("data");
  CHECK(data.at("male").as_string() == "女");
  CHECK(data.at("type").as_string() == "General_admin");
  CHECK(data.at("integral").as_int64() == 12);
  CHECK(data.at("change_username").as_int64() == 1);
  CHECK(data.at("settled_in_status").as_bool());
  CHECK_FALSE(data.at("set_password").as_bool());
  CHECK(data.at("status").as_int64() == 0);
  CHECK(data.at("social_circle").at("social_id").as_int64() == 5);
}

TEST_CASE("module: the other replies") {
  service::send_receipt receipt;
  receipt.ttl_seconds = 300;
  receipt.gap_seconds = 60;
  receipt.echo_code = "123456";  // only dialect smssend has a place for it
  CHECK(json_of(module_dialect::sent_reply(receipt)) ==
        json::parse(R"({"status":200,"msg":"发送成功","data":{"ttl":300,"interval":60}})"));
  CHECK(json_of(module_dialect::password_changed_reply()) ==
        json::parse(R"({"status":200,"msg":"修改成功","data":{}})"));
}

TEST_CASE("module: type says what for the code is") {
  const service::settings config;
  const auto send = [&](const char* type) {
    return module_dialect::read_send(config,
                                     fields_of(R"({"phone":"13113690000","type":")" + std::string(type) + "\"}"));
  };
  CHECK(send("register")->purpose == purpose::register_account);
  CHECK(send("register")->condition == account_condition::any);  // a known number without a password logs in by it
  CHECK(send("login")->purpose == purpose::login);
  CHECK(send("login")->condition == account_condition::must_exist);
  CHECK(send("reset")->purpose == purpose::reset_password);
  CHECK(send("reset")->condition == account_condition::must_exist);
  for (const char* type : {"bind", "reset_password", "1", "REGISTER"})
    CHECK(error_of(send(type)) == errc::invalid_field);
  CHECK(error_of(send("")) == errc::missing_field);
}

TEST_CASE("module: registration reads the seed's fields") {
  const service::settings config;
  const dialect::fields input = fields_of(R"({"phone":"13113690000","code":123456,"reg_type":"pc","password":"secret1",
      "password2":"secret1","male":"保密","invite_code":"ABC123"})");
  const auto wanted = module_dialect::read_registration(config, input);
  REQUIRE(wanted.has_value());
  CHECK(wanted->phone.e164() == "+8613113690000");
  CHECK(wanted->code == "123456");
  CHECK(wanted->password == "secret1");
  CHECK(wanted->gender == "保密");
  CHECK(wanted->invite_code == "ABC123");
  CHECK(wanted->invite_must_exist);
  CHECK(wanted->sign_in_passwordless);
  CHECK(wanted->open_session);
}

TEST_CASE("module: registration rules of single fields") {
  const service::settings config;
  const auto with = [&](const std::string& more) {
    return error_of(
        module_dialect::read_registration(config, fields_of(R"({"phone":"13113690000","code":"123456")" + more + "}")));
  };
  CHECK(with("") == errc::count_);
  CHECK(with(R"(,"password":"","password2":"")") == errc::count_);
  CHECK(with(R"(,"password":"secret1")") == errc::password_mismatch);
  CHECK(with(R"(,"password2":"secret1")") == errc::password_mismatch);
  CHECK(with(R"(,"password":"secret1","password2":"Secret1")") == errc::password_mismatch);
  CHECK(with(R"(,"password":true)") == errc::malformed_request);
  CHECK(with(R"(,"reg_type":"")") == errc::count_);
  CHECK(with(R"(,"reg_type":"app")") == errc::invalid_field);
  for (const char* gender : {"男", "女", "保密", ""})
    CHECK(with(std::string(R"(,"male":")") + gender + "\"") == errc::count_);
  for (const char* gender : {"x", "男女", "male", " "}) {
    CHECK(with(std::string(R"(,"male":")") + gender + "\"") == errc::invalid_field);
  }
  CHECK(with(R"(,"invite_code":")" + std::string(65, 'A') + "\"") == errc::invalid_field);
  const auto without_password =
      module_dialect::read_registration(config, fields_of(R"({"phone":"13113690000","code":"1"})"));
  CHECK_FALSE(without_password->password.has_value());
  CHECK(error_of(module_dialect::read_registration(config, fields_of(R"({"phone":"13113690000"})"))) ==
        errc::missing_field);
  CHECK(error_of(module_dialect::read_registration(config, fields_of(R"({"phone":"+85251234567","code":"1"})"))) ==
        errc::invalid_phone);
}

TEST_CASE("module: a login is by code or by password") {
  const service::settings config;
  const auto with = [&](const std::string& more) {
    return error_of(module_dialect::read_login(config, fields_of(R"({"phone":"13113690000")" + more + "}")));
  };
  CHECK(with(R"(,"code":"123456")") == errc::count_);
  CHECK(with(R"(,"password":"secret1")") == errc::count_);
  CHECK(with(R"(,"password":"secret1","code":"")") == errc::count_);
  CHECK(with("") == errc::missing_field);
  CHECK(with(R"(,"password":"secret1","code":"123456")") == errc::invalid_field);
  CHECK(with(R"(,"code":true)") == errc::malformed_request);
}

TEST_CASE("module: a new password needs code, password and its repetition") {
  const service::settings config;
  const auto with = [&](const std::string& more) {
    return error_of(module_dialect::read_password_change(config, fields_of(R"({"phone":"13113690000")" + more + "}")));
  };
  CHECK(with(R"(,"code":"123456","password":"secret1","password2":"secret1")") == errc::count_);
  CHECK(with(R"(,"password":"secret1","password2":"secret1")") == errc::missing_field);
  CHECK(with(R"(,"code":"123456")") == errc::missing_field);
  CHECK(with(R"(,"code":"123456","password":"secret1")") == errc::password_mismatch);
}

}  // namespace
