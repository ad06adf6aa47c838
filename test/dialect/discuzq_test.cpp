// The parts of the dialect that need no services; whole exchanges are in test/golden/discuzq.
#include "core/phone_number.hpp"
#include "dialect/discuzq/cross_origin.hpp"
#include "dialect/discuzq/document.hpp"
#include "dialect/discuzq/endpoint.hpp"
#include "dialect/discuzq/errors.hpp"
#include "dialect/discuzq/resources.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace smsauth;
using namespace smsauth::dialect::discuzq;
using core::errc;
namespace json = boost::json;

namespace {

using header_list = std::vector<http::header_field>;

/// A request and what it points to.
struct sent {
  explicit sent(header_list fields, std::string_view body = {}, std::string_view query = {})
      : headers(std::move(fields)) {
    request.headers = headers;
    request.body = body;
    request.query = query;
    request.event = &event;
  }
  sent(const sent&) = delete;

  header_list headers;
  telemetry::event event;
  http::request request;
};

core::result<document> read_json(std::string_view body, std::string_view query = {}) {
  const sent one({{"Content-Type", "application/vnd.api+json"}}, body, query);
  return read_document(one.request, core::http_limits{});
}

core::result<document> read_form(std::string_view body, std::string_view query = {}) {
  const sent one({{"Content-Type", "application/x-www-form-urlencoded"}}, body, query);
  return read_document(one.request, core::http_limits{});
}

json::object first_error(const http::response& reply) {
  CHECK(reply.content_type == "application/vnd.api+json");
  const json::value document = json::parse(reply.body);
  CHECK(document.as_object().size() == 1);
  return document.at("errors").at(0).as_object();
}

std::string header_of(const http::response& reply, std::string_view name) {
  for (const auto& [field, value] : reply.headers) {
    if (field == name) return value;
  }
  const std::string begin = std::string(name) + ": ";
  for (std::size_t at = 0; at < reply.fixed_fields.size();) {
    const std::size_t end = reply.fixed_fields.find("\r\n", at);
    const std::string_view line = reply.fixed_fields.substr(at, end - at);
    if (line.starts_with(begin)) return std::string(line.substr(begin.size()));
    at = end + 2;
  }
  return {};
}

}  // namespace

TEST_CASE("every failure of the product has a row, and its reply is a JSON:API error") {
  for (std::size_t i = 0; i < static_cast<std::size_t>(errc::count_); ++i) {
    const auto error = static_cast<errc>(i);
    CAPTURE(core::to_string(error));
    const error_row& row = row_of(error);
    CHECK(row.error == error);
    const core::failure with_field(error, "some_field");
    const http::response reply = error_response(with_field);
    CHECK(reply.status == row.http_status);
    CHECK((reply.status >= 400 && reply.status < 600));
    const json::object object = first_error(reply);
    if (row.shape == error_shape::gateway) {
      CHECK_FALSE(object.contains("code"));
      CHECK(object.at("status") == "failure");
      continue;
    }
    CHECK_FALSE(row.code.empty());
    CHECK(object.at("code").as_string() == json::string_view(row.code));
    if (row.status == status_type::integer) {
      CHECK(object.at("status") == row.http_status);
    } else {
      CHECK(object.at("status").as_string() == std::to_string(row.http_status));
    }
    CHECK(object.contains("source") == (row.shape == error_shape::attribute));
    CHECK(object.contains("detail") == (row.shape != error_shape::plain));
    if (row.shape == error_shape::detail || row.shape == error_shape::attribute) {
      const json::string& text = object.at("detail").as_array().at(0).as_string();
      CHECK_FALSE(text.empty());
      CHECK(text.find('{') == json::string::npos);
    }
  }
}

TEST_CASE("status, its JSON type and the code are those that clients compare") {
  struct expected {
    errc error;
    int status;
    bool integer;
    std::string_view code;
  };
  const expected rows[] = {
      {errc::malformed_request, 400, false, "malformed_request"},
      {errc::invalid_phone, 422, false, "validation_error"},
      {errc::phone_taken, 422, false, "validation_error"},
      {errc::proof_required, 422, false, "validation_error"},
      {errc::wrong_code, 500, true, "sms_verify_error"},
      {errc::phone_locked, 500, true, "sms_verify_error"},
      {errc::send_too_soon, 500, true, "sms_interval"},
      {errc::send_limited, 500, true, "sms_interval"},
      {errc::phone_already_bound, 500, false, "mobile_is_already_bind"},
      {errc::registration_closed, 401, false, "register_close"},
      {errc::account_pending, 401, false, "register_validate"},
      {errc::account_banned, 401, false, "ban_user"},
      {errc::account_rejected, 401, false, "validate_reject"},
      {errc::account_ignored, 401, false, "validate_ignore"},
      {errc::same_password, 500, true, "user_update_error"},
      {errc::same_pay_password, 500, true, "user_update_error"},
      {errc::password_throttled, 402, false, "login_failures_times_toplimit"},
      {errc::not_authenticated, 401, false, "not_authenticated"},
      {errc::invalid_token, 401, true, "access_denied"},
      {errc::missing_refresh_token, 400, true, "invalid_request"},
      {errc::invalid_refresh_token, 401, true, "invalid_request"},
      {errc::busy, 503, false, "service_unavailable"},
      {errc::unavailable, 503, false, "service_unavailable"},
      {errc::internal, 500, false, "unknown_error"},
  };
  for (const expected& row : rows) {
    CAPTURE(row.code);
    CHECK(row_of(row.error).http_status == row.status);
    CHECK((row_of(row.error).status == status_type::integer) == row.integer);
    CHECK(row_of(row.error).code == row.code);
  }
}

TEST_CASE("a wrong code is exactly the documented object") {
  CHECK(json::parse(error_response(errc::wrong_code).body) ==
        json::parse(R"({"errors":[{"status":500,"code":"sms_verify_error"}]})"));
}

TEST_CASE("limits tell the seconds in the text and in Retry-After") {
  for (const errc error : {errc::send_too_soon, errc::send_limited, errc::phone_locked}) {
    CAPTURE(core::to_string(error));
    const http::response reply = error_response(core::failure(error, 37));
    CHECK(reply.retry_after_seconds == 37);
    const json::object object = first_error(reply);
    const json::string& text = object.at("detail").as_array().at(0).as_string();
    CHECK(text.find("37") != json::string::npos);
  }
}

TEST_CASE("an overloaded server always says when to come back") {
  CHECK(error_response(errc::busy).retry_after_seconds >= 1);
  CHECK(error_response(core::failure(errc::unavailable, 5)).retry_after_seconds == 5);
  CHECK(edge_response(503, errc::busy, http::request{}).retry_after_seconds >= 1);
  CHECK(error_response(errc::wrong_code).retry_after_seconds == 0);
}

TEST_CASE("OAuth errors carry their detail as an object") {
  for (const errc error : {errc::invalid_token, errc::missing_refresh_token, errc::invalid_refresh_token}) {
    const json::object object = first_error(error_response(error));
    const json::object& detail = object.at("detail").as_object();
    CHECK(detail.at("error") == object.at("code"));
    for (const char* name : {"error_description", "hint", "message"})
      CHECK_FALSE(detail.at(name).as_string().empty());
  }
}

TEST_CASE("validation names each attribute in the order given") {
  sent one(header_list{});
  const std::vector<core::failure> failures{{errc::missing_field, "mobile"}, {errc::invalid_field, "sms_type"}};
  const http::response reply = validation_response(one.request, failures);
  CHECK(reply.status == 422);
  CHECK(one.event.outcome == "missing_field");
  const json::value document = json::parse(reply.body);
  REQUIRE(document.at("errors").as_array().size() == 2);
  CHECK(document.at("errors").at(0).at("source").at("pointer") == "/data/attributes/mobile");
  CHECK(document.at("errors").at(1).at("source").at("pointer") == "/data/attributes/sms_type");
  CHECK(document.at("errors").at(1).at("status") == "422");
}

TEST_CASE("an unknown number gets the token and a null user") {
  const http::response reply = unknown_number_response("not_found_user", "abc");
  CHECK(reply.status == 400);
  CHECK(json::parse(reply.body) ==
        json::parse(R"({"errors":[{"status":400,"code":"not_found_user","token":"abc","user":null}]})"));
}

TEST_CASE("failures outside a handler have the shape of the dialect") {
  http::request where;
  CHECK(first_error(edge_response(404, errc::invalid_field, where)) ==
        json::object{{"status", "404"}, {"code", "route_not_found"}});
  CHECK(first_error(edge_response(413, errc::malformed_request, where)).at("code") == "payload_too_large");
  CHECK(first_error(edge_response(418, errc::malformed_request, where)).at("code") == "malformed_request");
  CHECK(first_error(edge_response(502, errc::internal, where)).at("code") == "unknown_error");
  where.verb = http::method::other;
  where.method_name = "<SCRIPT>";
  CHECK(first_error(edge_response(405, errc::malformed_request, where)).at("code") == "malformed_request");
  where.verb = http::method::delete_;
  CHECK(first_error(edge_response(405, errc::malformed_request, where)) ==
        json::object{{"status", "405"}, {"code", "DELETE"}});
}

TEST_CASE("include is answered with its names, if they are names") {
  const auto code = [](std::string_view names) {
    return first_error(invalid_include_response(names)).at("code").as_string();
  };
  CHECK(code("wechat") == "Invalid includes [wechat]");
  CHECK(code("groups,users.wechat") == "Invalid includes [groups,users.wechat]");
  CHECK(code("<b>") == "Invalid includes []");
  CHECK(code(std::string(65, 'a')) == "Invalid includes []");
  CHECK(invalid_include_response("wechat").status == 500);
}

TEST_CASE("attributes come from JSON:API documents") {
  const auto one = read_json(R"({"data":{"type":"sms/send","id":7,"attributes":{"mobile":"13800138000"}},"meta":[]})");
  REQUIRE(one.has_value());
  CHECK(one->attributes == json::object{{"mobile", "13800138000"}});
  for (const std::string_view empty : {"", "{}", R"({"data":null})", R"({"data":{}})",
                                       R"({"data":{"attributes":null}})", R"({"attributes":{"mobile":"1"}})"}) {
    CAPTURE(empty);
    const auto none = read_json(empty);
    REQUIRE(none.has_value());
    CHECK(none->attributes.empty());
  }
}

TEST_CASE("documents of other shapes are malformed") {
  for (const std::string_view body :
       {"[]", "null", "1", "\"data\"", "{", R"({"data":[]})", R"({"data":"x"})", R"({"data":{"attributes":[]}})",
        R"({"data":{"attributes":"x"}})", R"({"data":{},"data":{}})",
        R"({"data":{"attributes":{"code":"1","c\u006fde":"2"}}})"}) {
    CAPTURE(body);
    const auto one = read_json(body);
    REQUIRE(one.has_error());
    CHECK(one.error() == core::failure(errc::malformed_request));
  }
}

TEST_CASE("attributes come from PHP form fields") {
  const auto one =
      read_form("data[type]=sms&data[attributes][mobile]=138+0013%208000&data%5Battributes%5D%5Bcode%5D=1&x=y");
  REQUIRE(one.has_value());
  CHECK(one->attributes == json::object{{"mobile", "138 0013 8000"}, {"code", "1"}});
  for (const std::string_view body :
       {"data=1", "data[]=1", "data[attributes]=1", "data[attributes][]=1", "data[attributes][mobile",
        "data[attributes][mobile][]=1", "data[attributes][mobile]x=1", "data[attributes][a]=1&data[attributes][a]=1",
        "data[attributes][a]=%zz", "data[attributes][a]=%00"}) {
    CAPTURE(body);
    const auto refused = read_form(body);
    REQUIRE(refused.has_error());
    CHECK(refused.error() == core::failure(errc::malformed_request));
  }
}

TEST_CASE("an attribute given in the query as well is refused") {
  constexpr std::string_view body = R"({"data":{"attributes":{"mobile":"1"}}})";
  CHECK(read_json(body, "mobile=1").has_error());
  CHECK(read_json(body, "data[attributes][mobile]=1").has_error());
  CHECK(read_json(body, "a=%zz").has_error());
  CHECK(read_form("data[attributes][code]=1", "code=1").has_error());
  const auto one = read_json(body, "code=1&token=x&include=groups%2Cwechat");
  REQUIRE(one.has_value());
  CHECK(one->include == "groups,wechat");
  CHECK(one->attributes == json::object{{"mobile", "1"}});
}

TEST_CASE("content types are those that clients send") {
  constexpr std::string_view body = R"({"data":{"attributes":{"mobile":"1"}}})";
  const auto read_as = [](header_list headers, std::string_view text) {
    const sent one(std::move(headers), text);
    return read_document(one.request, core::http_limits{});
  };
  for (const std::string_view type : {"application/json", "application/json;charset=utf-8", "application/vnd.api+json",
                                      "Application/JSON; charset=\"UTF-8\"", "text/json"}) {
    CAPTURE(type);
    const auto one = read_as({{"Content-Type", type}}, body);
    REQUIRE(one.has_value());
    CHECK(one->attributes.size() == 1);
  }
  for (const std::string_view type : {"", "text/plain", "text/plain; x=json", "multipart/form-data; boundary=x",
                                      "application/json; charset=gbk", "application/xml"}) {
    CAPTURE(type);
    const auto one = read_as({{"Content-Type", type}}, body);
    REQUIRE(one.has_error());
    CHECK(one.error() == core::failure(errc::unsupported_media_type));
  }
  CHECK(read_as({}, body).has_error());
  CHECK(read_as({}, "").has_value());
  CHECK(read_as({{"Content-Type", "text/plain"}}, "").has_error());
  CHECK(read_as({{"Content-Type", "application/json"}, {"Content-Type", "application/json"}}, body).has_error());
}

TEST_CASE("attributes are read by type: blank is absent, other types are refused") {
  const json::object values{{"text", " a "},
                            {"empty", ""},
                            {"blank", " \t\n"},
                            {"null", nullptr},
                            {"true", true},
                            {"false", false},
                            {"zero", 0},
                            {"one", 1},
                            {"minus", -7},
                            {"double", 1.5},
                            {"text0", "0"},
                            {"big", std::uint64_t(-1)},
                            {"array", json::array{}},
                            {"object", json::object{}}};
  struct expected {
    const char* name;
    const char* text;        // nullptr: refused
    const char* or_integer;  // nullptr: refused
    int truthy;              // -1: refused
  };
  const expected rows[] = {
      {"absent", "", "", 0},
      {"text", " a ", " a ", 1},
      {"empty", "", "", 0},
      {"blank", "", "", 1},
      {"null", "", "", 0},
      {"true", nullptr, nullptr, 1},
      {"false", nullptr, nullptr, 0},
      {"zero", nullptr, "0", 0},
      {"one", nullptr, "1", 1},
      {"minus", nullptr, "-7", 1},
      {"double", nullptr, nullptr, -1},
      {"text0", "0", "0", 0},
      {"big", nullptr, "18446744073709551615", 1},
      {"array", nullptr, nullptr, -1},
      {"object", nullptr, nullptr, -1},
  };
  for (const expected& row : rows) {
    CAPTURE(row.name);
    attribute_reader text(values);
    CHECK(text.text(row.name) == std::string_view(row.text == nullptr ? "" : row.text));
    CHECK(text.sound() == (row.text != nullptr));
    attribute_reader or_integer(values);
    CHECK(or_integer.text_or_integer(row.name) == std::string_view(row.or_integer == nullptr ? "" : row.or_integer));
    CHECK(or_integer.sound() == (row.or_integer != nullptr));
    attribute_reader truth(values);
    CHECK(truth.truthy(row.name) == (row.truthy == 1));
    CHECK(truth.sound() == (row.truthy != -1));
  }
}

TEST_CASE("one bad attribute is remembered over good ones") {
  const json::object values{{"a", 1}, {"b", "x"}};
  attribute_reader reader(values);
  reader.text("a");
  CHECK(reader.text("b") == "x");
  CHECK_FALSE(reader.sound());
}

TEST_CASE("the bearer token is read as the original reads it") {
  struct expected {
    std::string_view field;
    std::string_view token;
  };
  const expected rows[] = {{"", ""},
                           {"Bearer abc.d.e", "abc.d.e"},
                           {"abc.d.e", "abc.d.e"},
                           {"Bearer", "Bearer"},
                           {"bearer abc", "bearer abc"},
                           {"Basic dTpw", "Basic dTpw"}};
  for (const expected& row : rows) {
    CAPTURE(row.field);
    const sent one(header_list{{"Authorization", row.field}});
    const auto token = bearer_token(one.request);
    REQUIRE(token.has_value());
    CHECK(*token == row.token);
  }
  const sent none(header_list{}, {}, "token=abc.d.e");
  CHECK(bearer_token(none.request).value() == "");
  const sent two(header_list{{"Authorization", "Bearer a"}, {"authorization", "Bearer b"}});
  CHECK(bearer_token(two.request).error() == core::failure(errc::invalid_token));
}

TEST_CASE("types are the six of the document") {
  CHECK(purpose_of_type("login") == core::purpose::login);
  CHECK(purpose_of_type("bind") == core::purpose::bind);
  CHECK(purpose_of_type("rebind") == core::purpose::rebind);
  CHECK(purpose_of_type("reset_pwd") == core::purpose::reset_password);
  CHECK(purpose_of_type("reset_pay_pwd") == core::purpose::reset_pay_password);
  CHECK(purpose_of_type("verify") == core::purpose::verify);
  for (const std::string_view type : {"", "register", "update", "LOGIN", " login", "reset_password"}) {
    CHECK_FALSE(purpose_of_type(type).has_value());
  }
}

TEST_CASE("resources have the members and JSON types of the document") {
  CHECK(json::parse(sent_response(60).body) ==
        json::parse(R"({"data":{"type":"smssend","id":"1","attributes":{"interval":60}}})"));
  CHECK(sent_response(60).status == 201);
  service::token_set tokens;
  tokens.access_token = "a.b.c";
  tokens.refresh_token = "def502";
  tokens.expires_in_seconds = 2592000;
  const http::response token = token_response(53, tokens);
  CHECK(token.status == 200);
  CHECK(json::parse(token.body) == json::parse(R"({"data":{"type":"token","id":"53","attributes":{"token_type":"Bearer",
      "expires_in":2592000,"access_token":"a.b.c","refresh_token":"def502"}}})"));
}

TEST_CASE("the user resource shows the number masked and whole, and every key of the seed") {
  core::account account;
  account.uid = 53;
  account.username = "u_abc";
  account.phone = "+8613800138000";
  account.created_at = 1577618326000;  // 2019-12-29T19:18:46+08:00, of the seed
  account.updated_at = 1582017717000;
  account.register_address = "127.0.0.1";
  const json::value document = json::parse(user_response(account, service::settings{}).body);
  CHECK(document.at("data").at("type") == "users");
  CHECK(document.at("data").at("id") == "53");
  json::value expected =
      json::parse(R"({"id":53,"username":"u_abc","mobile":"138****8000","avatarUrl":"","threadCount":0,
      "followCount":0,"fansCount":0,"follow":null,"status":0,"loginAt":null,"joinedAt":"2019-12-29T19:18:46+08:00",
      "expiredAt":null,"createdAt":"2019-12-29T19:18:46+08:00","updatedAt":"2020-02-18T17:21:57+08:00","canEdit":false,
      "canDelete":false,"canWalletPay":false,"registerReason":"","banReason":"","originalMobile":"13800138000",
      "registerIp":"127.0.0.1","lastLoginIp":"","identity":"","realname":"","signature":"","hasPassword":false})");
  for (const auto& member : expected.as_object()) {
    CAPTURE(std::string(member.key()));
    CHECK(document.at("data").at("attributes").at(member.key()) == member.value());
  }
}

TEST_CASE("numbers of other countries and missing ones are shown so that they can be sent back") {
  core::account account;
  const auto attributes = [&account](std::string_view key) {
    return json::parse(user_response(account, service::settings{}).body)
        .at("data")
        .at("attributes")
        .at(json::string_view(key));
  };
  CHECK(attributes("originalMobile") == "");
  CHECK(attributes("mobile") == "");
  account.phone = "+639171234567";
  CHECK(attributes("originalMobile") == "+639171234567");
  CHECK(attributes("mobile").as_string() == core::masked_national("9171234567"));
}

TEST_CASE("an avatar's URL changes with the account") {
  core::account account;
  account.updated_at = 5'000;
  service::settings config;
  const auto avatar = [&account, &config] {
    return json::parse(user_response(account, config).body).at("data").at("attributes").at("avatarUrl");
  };
  CHECK(avatar() == "");
  config.avatar_url = "https://cdn.example.com/default.png";
  CHECK(avatar() == "https://cdn.example.com/default.png");
  account.avatar = "https://cdn.example.com/1.png";
  CHECK(avatar() == "https://cdn.example.com/1.png?5");
  account.avatar = "https://cdn.example.com/1.png?w=1";
  CHECK(avatar() == "https://cdn.example.com/1.png?w=1&5");
}

TEST_CASE("only allowed origins may read replies") {
  service::settings config;
  config.public_url = "https://api.example.com/app";
  config.discuzq_cors_origins = {"https://m.example.com"};
  const cross_origin_policy policy(config);
  const auto granted = [&policy](header_list headers) {
    const sent one(std::move(headers));
    http::response reply;
    policy.apply(one.request, reply);
    CHECK(header_of(reply, "Vary") == "Origin");
    const std::string origin = header_of(reply, "Access-Control-Allow-Origin");
    CHECK(header_of(reply, "Access-Control-Allow-Credentials") == (origin.empty() ? "" : "true"));
    CHECK(header_of(reply, "Access-Control-Allow-Headers").empty() == origin.empty());
    CHECK(header_of(reply, "Access-Control-Allow-Methods").empty() == origin.empty());
    CHECK(header_of(reply, "Access-Control-Expose-Headers").empty() == origin.empty());
    return origin;
  };
  CHECK(granted({}) == "https://api.example.com");
  CHECK(granted({{"Origin", "https://api.example.com"}}) == "https://api.example.com");
  CHECK(granted({{"Origin", "https://m.example.com"}}) == "https://m.example.com");
  for (const std::string_view origin : {"https://evil.example", "https://m.example.com.evil.example",
                                        "http://m.example.com", "https://m.example.com:8443", "null", "*"}) {
    CAPTURE(origin);
    CHECK(granted({{"Origin", origin}}) == "");
  }
  CHECK(granted({{"Origin", "https://m.example.com"}, {"Origin", "https://evil.example"}}) == "");
}

TEST_CASE("without a public URL nobody is our own origin") {
  const cross_origin_policy policy{service::settings{}};
  const sent none(header_list{});
  const sent empty(header_list{{"Origin", ""}});
  const sent other(header_list{{"Origin", "https://evil.example"}});
  CHECK(policy.granted(none.request) == "");
  CHECK(policy.granted(empty.request) == "");
  CHECK(policy.granted(other.request) == "");
}

TEST_CASE("the origin of a URL is its scheme, host and port") {
  CHECK(origin_of("https://api.example.com") == "https://api.example.com");
  CHECK(origin_of("http://127.0.0.1:8080/x/y?z#f") == "http://127.0.0.1:8080");
  for (const std::string_view url : {"", "api.example.com", "://x", "https://", "https:///path"}) {
    CAPTURE(url);
    CHECK(origin_of(url) == "");
  }
}
