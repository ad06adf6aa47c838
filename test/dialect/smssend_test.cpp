#include "dialect/failure_reply.hpp"
#include "dialect/flat_request.hpp"
#include "dialect/smssend/input.hpp"
#include "dialect/smssend/replies.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

using namespace smsauth;
namespace smssend = dialect::smssend;
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

TEST_CASE("smssend: every failure has a reply with an empty array for data") {
  test::check_every_failure(smssend::refuse, [](errc, const http::response& reply) {
    const json::object body = json_of(reply).as_object();
    CHECK(body.size() == 3);
    CHECK(body.at("code").as_int64() > 10000);
    CHECK(body.at("data").as_array().empty());
  });
}

TEST_CASE("smssend: failures have their codes") {
  const struct {
    errc error;
    int status;
    int code;
  } table[] = {
      {errc::malformed_request, 400, 10001},
      {errc::unsupported_media_type, 415, 10001},
      {errc::missing_field, 200, 10001},
      {errc::invalid_field, 200, 10001},
      {errc::invalid_phone, 200, 10002},
      {errc::country_not_allowed, 200, 10003},
      {errc::already_registered, 200, 10010},
      {errc::not_registered, 200, 10011},
      {errc::wrong_code, 200, 10020},
      {errc::wrong_password, 200, 10021},
      {errc::phone_locked, 200, 10022},
      {errc::password_throttled, 200, 10022},
      {errc::password_mismatch, 200, 10023},
      {errc::password_rule, 200, 10024},
      {errc::pay_password_rule, 200, 10024},
      {errc::send_too_soon, 200, 10032},
      {errc::send_limited, 200, 10032},
      {errc::invalid_token, 200, 10040},
      {errc::busy, 503, 10090},
      {errc::unavailable, 503, 10090},
  };
  for (const auto& row : table) {
    CAPTURE(row.code);
    test::flat_request request("", "");
    const http::response reply = smssend::refuse(request.get(), row.error);
    CHECK(reply.status == row.status);
    CHECK(json_of(reply).at("code").as_int64() == row.code);
  }
  test::flat_request request("", "");
  CHECK(json_of(smssend::refuse(request.get(), errc::send_too_soon)) ==
        json::parse(R"({"code":10032,"msg":"短信认证过于频繁,请稍后再试","data":[]})"));
  CHECK(smssend::refuse_at_edge(405, errc::malformed_request, request.get()).status == 405);
}

TEST_CASE("smssend: the code is an integer where it is echoed and empty elsewhere") {
  service::send_receipt receipt;
  receipt.ttl_seconds = 180;
  receipt.gap_seconds = 120;
  CHECK(json_of(smssend::sent_reply(receipt)) ==
        json::parse(R"({"code":0,"msg":"成功","data":{"timeless":180,"nexttime":120,"code":""}})"));
  receipt.echo_code = "693599";
  CHECK(json_of(smssend::sent_reply(receipt)) ==
        json::parse(R"({"code":0,"msg":"成功","data":{"timeless":180,"nexttime":120,"code":693599}})"));
}

TEST_CASE("smssend: a login reply has every key that the client reads, in its type") {
  service::signed_in session;
  session.account.public_id = std::string(32, 'a');
  session.account.phone = "+639171234567";
  session.account.has_pay_password = true;
  session.account.created_at = 1'576'827'272'000;
  session.tokens.access_token = std::string(32, 'b');
  service::settings config;
  config.avatar_url = "https://img.example.com/a.png";
  const json::value body = json_of(smssend::logged_in_reply(session, config));
  const json::object data = body.at("data").as_object();
  CHECK(data.at("token").as_string() == session.tokens.access_token);
  const std::set<std::string> keys{"uuid",
                                   "username",
                                   "name",
                                   "nickname",
                                   "headimg",
                                   "regip",
                                   "regtime",
                                   "lasttime",
                                   "lastip",
                                   "level",
                                   "vip",
                                   "email",
                                   "phone",
                                   "verified_status",
                                   "set_country_code",
                                   "set_lang",
                                   "is_set_paypassword",
                                   "is_bind_googleauthenticator",
                                   "is_google_authenticator",
                                   "is_sms_verify",
                                   "is_email_verify",
                                   "internationalcode",
                                   "lastplatform",
                                   "lastdeviceid",
                                   "account_type",
                                   "user_type"};
  std::set<std::string> seen;
  for (const auto& member : data.at("info").as_object()) {
    const std::string key(member.key());
    CAPTURE(key);
    seen.insert(key);
    const bool integer =
        key.starts_with("is_") || key.ends_with("_status") || key.ends_with("vip") || key.ends_with("_type");
    CHECK(member.value().is_int64() == integer);
    CHECK(member.value().is_string() == !integer);
  }
  CHECK(seen == keys);
  const json::value info = data.at("info");
  CHECK(info.at("internationalcode").as_string() == "+63");
  CHECK(info.at("set_country_code").as_string() == "PH");
  CHECK(info.at("regtime").as_string() == "2019-12-20 15:34:32");
  CHECK(info.at("headimg").as_string() == config.avatar_url);
  CHECK(info.at("is_set_paypassword").as_int64() == 1);
  const json::object review = data.at("editreview").as_object();
  CHECK(review.size() == 4);
  for (const char* what : {"headimg", "nickname", "paypassword", "email"}) {
    CHECK(review.at(what) == json::parse(R"({"value":"","status":0,"add_time":"","ext":"","extime":""})"));
  }
}

TEST_CASE("smssend: the other replies") {
  core::account account;
  account.public_id = std::string(32, 'a');
  CHECK(json_of(smssend::exists_reply(true)) == json::parse(R"({"code":0,"msg":"成功","data":{"exist":true}})"));
  CHECK(json_of(smssend::password_changed_reply()) == json::parse(R"({"code":0,"msg":"成功","data":{}})"));
  CHECK(json_of(smssend::registered_reply(account)).at("data").at("uuid").as_string() == account.public_id);
}

TEST_CASE("smssend: the country list holds the allowed countries") {
  core::phone_policy phones;
  phones.countries = {"PH", "CN"};
  const json::value body = json::parse(smssend::country_list(phones));
  const json::array& list = body.at("data").at("country_coin").as_array();
  REQUIRE(list.size() == 2);
  CHECK(list.at(0) ==
        json::parse(R"({"id":1,"country_code":"CN","country_name":"中国","phone_code":"+86","is_sendsms":1,
      "status":1,"order":1,"country_lang":"zh-cn"})"));
  CHECK(list.at(1).at("phone_code").as_string() == "+63");
  phones.countries.clear();
  const json::value all = json::parse(smssend::country_list(phones));
  std::set<std::string> regions;
  for (const json::value& one : all.at("data").at("country_coin").as_array()) {
    CHECK(one.at("country_name").as_string().size() > 0);
    regions.insert(std::string(one.at("country_code").as_string()));
  }
  CHECK(regions.size() == all.at("data").at("country_coin").as_array().size());
  for (const char* region : {"CN", "HK", "PH", "KH", "US"})
    CHECK(regions.contains(region));
}

TEST_CASE("smssend: type says what for the code is") {
  const struct {
    int type;
    purpose wanted;
    account_condition condition;
  } table[] = {
      {1, purpose::register_account, account_condition::must_not_exist},
      {2, purpose::reset_password, account_condition::must_exist},
      {3, purpose::login, account_condition::any},
      {4, purpose::bind, account_condition::any},
      {5, purpose::rebind, account_condition::any},
      {6, purpose::reset_pay_password, account_condition::any},
      {7, purpose::verify, account_condition::any},
  };
  const service::settings config;
  for (const auto& row : table) {
    CAPTURE(row.type);
    for (const char* quote : {"", "\""}) {
      const dialect::fields input =
          fields_of(R"({"mobile":"+8613800138000","internationalCode":"+86","uuid":"","username":"",)"
                    R"("type":)" +
                    std::string(quote) + std::to_string(row.type) + quote + "}");
      const auto wanted = smssend::read_send(config, input);
      REQUIRE(wanted.has_value());
      CHECK(wanted->purpose == row.wanted);
      CHECK(wanted->condition == row.condition);
      CHECK(wanted->owner.empty());
    }
  }
  for (const char* type : {"0", "8", "-1", "\"\"", "\"one\""}) {
    CAPTURE(type);
    const dialect::fields input = fields_of(R"({"mobile":"+8613800138000","type":)" + std::string(type) + "}");
    CHECK(error_of(smssend::read_send(config, input)) == errc::invalid_field);
  }
  CHECK(error_of(smssend::read_send(config, fields_of(R"({"mobile":"+8613800138000"})"))) == errc::missing_field);
}

TEST_CASE("smssend: one number in all its spellings") {
  const service::settings config;
  const struct {
    const char* mobile;
    const char* country_code;
    const char* e164;
  } table[] = {
      {"+8613800138000", "+86", "+8613800138000"}, {"13800138000", "+86", "+8613800138000"},
      {"13800138000", "86", "+8613800138000"},     {"8613800138000", "+86", "+8613800138000"},
      {"+8613800138000", "", "+8613800138000"},    {"13800138000", "", "+8613800138000"},
      {"+639171234567", "+63", "+639171234567"},   {"09171234567", "+63", "+639171234567"},
      {"9171234567", "0063", "+639171234567"},
  };
  for (const auto& row : table) {
    CAPTURE(row.mobile);
    const dialect::fields input = fields_of(std::string(R"({"type":1,"mobile":")") + row.mobile +
                                            R"(","internationalCode":")" + row.country_code + "\"}");
    const auto wanted = smssend::read_send(config, input);
    REQUIRE(wanted.has_value());
    CHECK(wanted->phone.e164() == row.e164);
  }
}

TEST_CASE("smssend: a number goes to one recipient, and uuid and username decide nothing") {
  const service::settings config;
  const auto send = [&](const std::string& more) {
    return error_of(smssend::read_send(config, fields_of(R"({"type":"1",)" + more + "}")));
  };
  CHECK(send(R"("mobile":"+8613800138000","internationalCode":"+63")") == errc::invalid_phone);
  CHECK(send(R"("mobile":"13800138000,13800138001")") == errc::malformed_request);
  CHECK(send(R"("mobile":"13800138000","internationalCode":"+86,+63")") == errc::malformed_request);
  CHECK(send(R"("mobile":true)") == errc::malformed_request);
  CHECK(send(R"("mobile":"")") == errc::missing_field);
  CHECK(send(R"("mobile":"13800138000","uuid":true)") == errc::malformed_request);
  CHECK(send(R"("mobile":"13800138000","username":false)") == errc::malformed_request);
  CHECK(send(R"("mobile":"13800138000","uuid":"0123","username":"+8613900000000")") == errc::count_);
  service::settings mainland;
  mainland.phones.countries = {"CN"};
  CHECK(error_of(smssend::read_send(mainland, fields_of(R"({"type":1,"mobile":"+639171234567"})"))) ==
        errc::country_not_allowed);
}

TEST_CASE("smssend: registration reads both passwords and the pay password") {
  const service::settings config;
  const auto read = [&](const dialect::fields& input) { return smssend::read_registration(config, input); };
  const std::string base =
      R"("internationalcode":"+86","mobile":"+8613800138000","mobilecode":"123456","country_code":"CN")";
  const dialect::fields whole =
      fields_of("{" + base + R"(,"pass":"secret1","passcheck":"secret1","transpw":"123456"})");
  const auto wanted = read(whole);
  REQUIRE(wanted.has_value());
  CHECK(wanted->password == "secret1");
  CHECK(wanted->pay_password == "123456");
  CHECK(wanted->code == "123456");
  CHECK_FALSE(wanted->open_session);
  const dialect::fields unpaid = fields_of("{" + base + R"(,"pass":"secret1","passcheck":"secret1","transpw":""})");
  CHECK(read(unpaid)->pay_password.empty());
  CHECK(error_of(read(fields_of("{" + base + R"(,"pass":"secret1","passcheck":"secret2"})"))) ==
        errc::password_mismatch);
  CHECK(error_of(read(fields_of("{" + base + R"(,"pass":"secret1"})"))) == errc::missing_field);
  CHECK(error_of(read(fields_of(R"({"mobile":"13800138000","pass":"a","passcheck":"a"})"))) == errc::missing_field);
}

TEST_CASE("smssend: login and new password") {
  const service::settings config;
  const dialect::fields login =
      fields_of(R"({"mobile":"+8613800138000","pass":"secret1","deviceid":"d1","platform":"web"})");
  const auto opened = smssend::read_login(config, login);
  REQUIRE(opened.has_value());
  CHECK(opened->device_id == "d1");
  const std::string base = R"({"mobile":"13800138000","code":"123456","newpass":"secret2","newpassck":"secret2")";
  for (const char* type : {"}", R"(,"type":2})", R"(,"type":"2"})"}) {
    const dialect::fields input = fields_of(base + type);
    const auto change = smssend::read_password_change(config, input);
    REQUIRE(change.has_value());
    CHECK(change->proof.code == "123456");
    CHECK_FALSE(change->proof.grant_by_client);
  }
  CHECK(error_of(smssend::read_password_change(config, fields_of(base + R"(,"type":1})"))) == errc::invalid_field);
  CHECK(error_of(smssend::check_country_question(fields_of(R"({"cache":"1"})"))) == errc::count_);
  CHECK(error_of(smssend::check_country_question(fields_of(R"({"cache":true})"))) == errc::malformed_request);
}

}  // namespace
