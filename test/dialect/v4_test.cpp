#include "dialect/failure_reply.hpp"
#include "dialect/flat_request.hpp"
#include "dialect/v4/input.hpp"
#include "dialect/v4/replies.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace smsauth;
namespace v4 = dialect::v4;
namespace json = boost::json;
using core::errc;
using test::fields_of;
using test::json_of;

/// The errc that a reader answers, or count_ for success.
template <class T>
errc error_of(const core::result<T>& read) {
  return read ? errc::count_ : read.error().code;
}

core::result<v4::number_question> question(const std::string& path, const std::string& json = "{}",
                                           const service::settings& config = {}) {
  test::flat_request request(test::json_type, json);
  request.get().path_parameter = path;
  auto input = v4::read_fields(request.get(), core::http_limits{});
  if (!input) return input.error();
  return v4::read_question(config, *input, request.get(), "mobile");
}

TEST_CASE("v4: every failure has a reply in the envelope") {
  test::check_every_failure(v4::refuse, [](errc, const http::response& reply) {
    const json::object body = json_of(reply).as_object();
    CHECK(body.size() == 3);
    CHECK(body.at("code").as_int64() < 0);
    CHECK(body.at("data").as_string().empty());
  });
}

TEST_CASE("v4: failures have the codes of the page") {
  const struct {
    errc error;
    int status;
    int code;
    const char* text;
  } table[] = {
      {errc::already_registered, 200, -1, "手机号已经被注册"},
      {errc::not_registered, 200, -1, "手机号没有注册"},
      {errc::wrong_password, 200, -1, "手机号或密码错误"},
      {errc::wrong_code, 200, -2, "验证码错误"},
      {errc::malformed_request, 400, -3, "请求格式错误"},
      {errc::unsupported_media_type, 415, -3, "不支持的请求格式"},
      {errc::missing_field, 200, -3, "参数不完整"},
      {errc::invalid_phone, 200, -3, "手机号格式不正确"},
      {errc::password_rule, 200, -3, "密码不符合要求"},
      {errc::send_too_soon, 200, -4, "发送过于频繁,请稍后再试"},
      {errc::send_limited, 200, -4, "发送次数过多,请稍后再试"},
      {errc::phone_locked, 200, -5, "错误次数过多,请稍后再试"},
      {errc::password_throttled, 200, -5, "密码错误次数过多,请稍后再试"},
      {errc::account_banned, 200, -6, "账号已被禁用"},
      {errc::busy, 503, -9, "系统繁忙,请稍后再试"},
      {errc::unavailable, 503, -9, "系统繁忙,请稍后再试"},
      {errc::internal, 500, -9, "系统错误"},
  };
  for (const auto& row : table) {
    CAPTURE(row.text);
    test::flat_request request("", "");
    const http::response reply = v4::refuse(request.get(), row.error);
    const json::value body = json_of(reply);
    CHECK(reply.status == row.status);
    CHECK(body.at("code").as_int64() == row.code);
    CHECK(body.at("msg").as_string() == row.text);
  }
}

TEST_CASE("v4: a wrong code is -2 at registration and -1 in both steps of the forgotten password") {
  test::flat_request request("", "");
  CHECK(json_of(v4::refuse(request.get(), errc::wrong_code)).at("code").as_int64() == -2);
  CHECK(json_of(v4::refuse_reset(request.get(), errc::wrong_code)).at("code").as_int64() == -1);
  test::check_every_failure(v4::refuse_reset, [](errc error, const http::response& reply) {
    if (error == errc::wrong_code) return;
    test::flat_request other("", "");
    CHECK(reply.body == v4::refuse(other.get(), error).body);
  });
}

TEST_CASE("v4: failures before a handler come in the envelope with their own status") {
  for (const int status : {400, 404, 405, 408, 413, 414, 415, 431, 500, 503}) {
    CAPTURE(status);
    test::flat_request request("", "");
    const errc error = status == 503 ? errc::busy : status == 500 ? errc::internal : errc::malformed_request;
    const http::response reply = v4::refuse_at_edge(status, error, request.get());
    CHECK(reply.status == status);
    CHECK(json_of(reply).at("code").as_int64() == (status >= 500 ? -9 : -3));
    CHECK(reply.retry_after_seconds == (status == 503 ? 1 : 0));
  }
}

TEST_CASE("v4: replies have the types of the page, odd ones too") {
  core::account account;
  account.public_id = "f223fa5c92e846349031b0eb06868478";
  account.name = "于连林";
  account.permissions = {"kaoqin", "shenpi"};
  service::token_set tokens;
  tokens.access_token = "9ea13c9003d53e4e17b0b9aaf1e634b0";

  CHECK(json_of(v4::sent_reply()) == json::parse(R"({"code":"200","msg":"发送成功"})"));
  CHECK(json_of(v4::plain_reply("修改成功")) == json::parse(R"({"code":200,"data":"","msg":"修改成功"})"));
  CHECK(json_of(v4::code_proved_reply("t")) ==
        json::parse(R"({"code":200,"data":{"reset_token":"t"},"msg":"验证码正确"})"));
  CHECK(json_of(v4::registered_reply(account, tokens)) == json::parse(R"({"code":200,"msg":"注册成功","data":{
      "change_device":false,"enterprise_id":-1,"token":"9ea13c9003d53e4e17b0b9aaf1e634b0",
      "user_id":"f223fa5c92e846349031b0eb06868478","name":"于连林","pemissions":["kaoqin","shenpi"],"apply":{}}})"));
  CHECK(json_of(v4::logged_in_reply(account, tokens, true)) == json::parse(R"({"code":200,"msg":"登录成功","data":{
      "change_device":true,"enterprise_id":"-1","token":"9ea13c9003d53e4e17b0b9aaf1e634b0",
      "user_id":"f223fa5c92e846349031b0eb06868478","name":"于连林","pemissions":["kaoqin","shenpi"],"apply":{}}})"));
  account.enterprise_id = 7;
  account.application = core::enterprise_application{1, "apple", 0};
  const json::value data = json_of(v4::logged_in_reply(account, tokens, false)).at("data");
  CHECK(data.at("enterprise_id").as_string() == "7");
  CHECK(data.at("apply") == json::parse(R"({"apply_eid":1,"apply_name":"apple","apply_state":"0"})"));
}

TEST_CASE("v4: expect says what for the code is") {
  const auto unknown = question("13126939916");
  REQUIRE(unknown.has_value());
  CHECK(unknown->phone.e164() == "+8613126939916");
  CHECK(v4::send_request_of(*unknown).purpose == core::purpose::register_account);
  CHECK(v4::send_request_of(*unknown).condition == service::account_condition::must_not_exist);
  for (const char* expect : {R"({"expect":1})", R"({"expect":"1"})"}) {
    const auto known = question("13126939916", expect);
    REQUIRE(known.has_value());
    CHECK(v4::send_request_of(*known).purpose == core::purpose::reset_password);
    CHECK(v4::send_request_of(*known).condition == service::account_condition::must_exist);
  }
  for (const char* expect : {R"({"expect":2})", R"({"expect":-1})", R"({"expect":"x"})", R"({"expect":""})"}) {
    CAPTURE(expect);
    CHECK(error_of(question("13126939916", expect)) == errc::invalid_field);
  }
  CHECK(error_of(question("13126939916", R"({"expect":true})")) == errc::malformed_request);
}

TEST_CASE("v4: a number is one mainland number") {
  for (const char* spelling :
       {"13126939916", "+8613126939916", "8613126939916", "008613126939916", "+86 131-2693-9916"}) {
    CAPTURE(spelling);
    const auto asked = question(spelling);
    REQUIRE(asked.has_value());
    CHECK(asked->phone.e164() == "+8613126939916");
  }
  for (const char* other : {"12126939916", "1312693991", "131269399160", "+85251234567", "+14155550123"}) {
    CAPTURE(other);
    CHECK(error_of(question(other)) == errc::invalid_phone);
  }
  for (const char* several :
       {"13126939916,13126939917", "13126939916;13126939917", "13126939916\n", "1312693991６", "13126939916x",
        "\xE2\x80\x8B"
        "13126939916",
        "1312693991613126939916131269399161"}) {
    CAPTURE(several);
    CHECK(error_of(question(several)) == errc::malformed_request);
  }
  CHECK(error_of(question("")) == errc::missing_field);
  CHECK(error_of(question("13126939916", R"({"mobile":"13126939917"})")) == errc::malformed_request);
  CHECK(error_of(question("13126939916", R"({"mobile":["13126939917"]})")) == errc::malformed_request);
  CHECK(question("13126939916", R"({"mobile":"13126939916"})").has_value());
  service::settings other_home;
  other_home.default_country_code = 63;  // of other dialects; this one is always +86
  CHECK(question("13126939916", "{}", other_home).has_value());
}

TEST_CASE("v4: registration needs a code unless the operator lets old clients through") {
  const std::string base = R"("phone":"13126939916","password":"123456","name":"于连林","device_identifier":"uuid")";
  service::settings config;
  const dialect::fields whole = fields_of("{" + base + R"(,"code":123456})");
  const auto wanted = v4::read_registration(config, whole);
  REQUIRE(wanted.has_value());
  CHECK(wanted->code == "123456");
  CHECK(wanted->password == "123456");
  CHECK(wanted->name == "于连林");
  CHECK(wanted->device_id == "uuid");
  CHECK_FALSE(wanted->code_optional);
  CHECK(wanted->open_session);
  for (const char* code : {"", R"(,"code":"")", R"(,"code":null)", R"(,"code":"  ")"}) {
    CAPTURE(code);
    const dialect::fields input = fields_of("{" + base + code + "}");
    config.v4_register_code_optional = false;
    CHECK(error_of(v4::read_registration(config, input)) == errc::missing_field);
    config.v4_register_code_optional = true;
    const auto optional = v4::read_registration(config, input);
    REQUIRE(optional.has_value());
    CHECK(optional->code_optional);
    CHECK(optional->code.empty());
  }
  // A code that was sent is checked, also where none is needed.
  CHECK_FALSE(v4::read_registration(config, whole)->code_optional);
  CHECK(error_of(v4::read_registration(config, fields_of("{" + base + R"(,"code":true})"))) == errc::malformed_request);
}

TEST_CASE("v4: registration refuses what cannot be stored as it is") {
  const service::settings config;
  const auto with = [&](const std::string& name, const std::string& value) {
    const dialect::fields input =
        fields_of(R"({"phone":"13126939916","password":"123456","code":"123456",")" + name + R"(":")" + value + "\"}");
    return error_of(v4::read_registration(config, input));
  };
  std::string wide;
  for (int i = 0; i < 64; ++i)
    wide += "林";
  CHECK(with("name", wide) == errc::count_);
  CHECK(with("name", wide + "x") == errc::invalid_field);
  CHECK(with("name", R"(a\nb)") == errc::invalid_field);
  CHECK(with("device_identifier", std::string(128, 'd')) == errc::count_);
  CHECK(with("device_identifier", std::string(129, 'd')) == errc::invalid_field);
}

TEST_CASE("v4: a new password is proved by a token, a code or the client's grant, one of them") {
  const service::settings config;
  const auto proof = [&](const std::string& more) {
    const dialect::fields input = fields_of(R"({"phone":"13126939916","password":"123456")" + more + "}");
    const auto wanted = v4::read_password_change(config, input);
    if (!wanted) return std::string(core::to_string(wanted.error().code));
    return "token=" + std::string(wanted->proof.reset_token) + " code=" + std::string(wanted->proof.code) +
           (wanted->proof.grant_by_client ? " grant" : "");
  };
  CHECK(proof("") == "token= code= grant");
  CHECK(proof(R"(,"reset_token":"t")") == "token=t code=");
  CHECK(proof(R"(,"code":123456)") == "token= code=123456");
  CHECK(proof(R"(,"code":"123456","reset_token":"t")") == "invalid_field");
  CHECK(proof(R"(,"code":"","reset_token":"")") == "invalid_field");
  CHECK(proof(R"(,"code":"")") == "grant_required");
  CHECK(proof(R"(,"reset_token":"")") == "grant_required");
  CHECK(proof(R"(,"code":true)") == "malformed_request");
}

}  // namespace
