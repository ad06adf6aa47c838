#include "dialect/discuzq/errors.hpp"

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace smsauth::dialect::discuzq {

namespace {

namespace json = boost::json;
using core::errc;
using enum status_type;
using enum error_shape;

/// Retry-After of a 503 whose failure names no time: a full queue empties within it.
constexpr std::int64_t overload_retry_seconds = 1;

// The type of "status" follows spec/discuzq.md 1.3. Codes that the original never sends are strings like its fallback.
constexpr std::array table{
    error_row{errc::malformed_request, 400, text, "malformed_request"},
    error_row{errc::unsupported_media_type, 415, text, "unsupported_media_type"},
    error_row{errc::missing_field, 422, text, "validation_error", attribute, "该项不能为空"},
    error_row{errc::invalid_field, 422, text, "validation_error", attribute, "该项的值不正确"},
    error_row{errc::invalid_phone, 422, text, "validation_error", attribute, "手机号不正确", "mobile"},
    error_row{errc::country_not_allowed, 422, text, "validation_error", attribute, "不支持该国家或地区的手机号",
              "mobile"},

    error_row{errc::wrong_code, 500, integer, "sms_verify_error"},
    error_row{errc::phone_locked, 500, integer, "sms_verify_error", detail, "验证码错误次数过多，请 {} 秒后再试"},
    error_row{errc::send_too_soon, 500, integer, "sms_interval", detail, "发送过于频繁，请 {} 秒后再试"},
    error_row{errc::send_limited, 500, integer, "sms_interval", detail, "发送次数已达上限，请 {} 秒后再试"},

    error_row{errc::already_registered, 422, text, "validation_error", attribute, "手机号已被使用", "mobile"},
    error_row{errc::not_registered, 422, text, "validation_error", attribute, "手机号未注册", "mobile"},
    error_row{errc::registration_closed, 401, text, "register_close"},
    error_row{errc::account_banned, 401, text, "ban_user"},
    error_row{errc::account_pending, 401, text, "register_validate"},
    error_row{errc::account_rejected, 401, text, "validate_reject"},
    error_row{errc::account_ignored, 401, text, "validate_ignore"},
    error_row{errc::phone_already_bound, 500, text, "mobile_is_already_bind", detail, "当前账号已绑定手机号"},
    error_row{errc::phone_taken, 422, text, "validation_error", attribute, "手机号已被使用", "mobile"},
    error_row{errc::same_phone, 422, text, "validation_error", attribute, "新手机号不能与原手机号相同", "mobile"},
    error_row{errc::proof_required, 422, text, "validation_error", attribute, "请先验证原手机号", "mobile"},
    error_row{errc::grant_required, 401, text, "permission_denied"},
    error_row{errc::invite_invalid, 422, text, "validation_error", attribute, "邀请码不正确", "inviteCode"},
    error_row{errc::lookup_limited, 500, integer, "sms_interval", detail, "查询过于频繁，请 {} 秒后再试"},

    error_row{errc::wrong_password, 403, text, "login_failed", detail, "用户名或密码不正确"},
    error_row{errc::password_throttled, 402, text, "login_failures_times_toplimit", detail,
              "密码错误次数过多，请 {} 秒后再试"},
    error_row{errc::password_mismatch, 422, text, "validation_error", attribute, "两次输入的密码不一致", "password"},
    error_row{errc::password_rule, 422, text, "validation_error", attribute, "密码不符合要求", "password"},
    error_row{errc::same_password, 500, integer, "user_update_error", detail, "新密码不能与原密码相同"},
    error_row{errc::pay_password_mismatch, 422, text, "validation_error", attribute, "两次输入的支付密码不一致",
              "pay_password"},
    error_row{errc::pay_password_rule, 422, text, "validation_error", attribute, "支付密码须为 6 位数字",
              "pay_password"},
    error_row{errc::same_pay_password, 500, integer, "user_update_error", detail, "新支付密码不能与原支付密码相同"},
    error_row{errc::wrong_pay_password, 422, text, "validation_error", attribute, "支付密码不正确", "pay_password"},
    error_row{errc::pay_password_disabled, 500, text, "pay_password_failures_times_toplimit", detail,
              "支付密码已停用，请重设"},

    error_row{errc::not_authenticated, 401, text, "not_authenticated"},
    error_row{errc::invalid_token, 401, integer, "access_denied", oauth, "The access token is not valid"},
    error_row{errc::missing_refresh_token, 400, integer, "invalid_request", oauth,
              "Check the `refresh_token` parameter"},
    error_row{errc::invalid_refresh_token, 401, integer, "invalid_request", oauth, "The refresh token is not valid"},

    error_row{errc::gateway_failed, 500, text, "", gateway, "短信发送失败"},
    error_row{errc::busy, 503, text, "service_unavailable"},
    error_row{errc::unavailable, 503, text, "service_unavailable"},
    error_row{errc::internal, 500, text, "unknown_error"},
};

constexpr bool in_order_of_errc() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].error) != i) return false;
  }
  return table.size() == static_cast<std::size_t>(errc::count_);
}
static_assert(in_order_of_errc(), "every errc has its row, at its own index");

/// The wording of the OAuth server that the original builds on; clients show `message` at most.
std::string_view oauth_message(std::string_view code) noexcept {
  if (code == "access_denied") return "The resource owner or authorization server denied the request.";
  return "The request is missing a required parameter, includes an invalid parameter value, "
         "includes a parameter more than once, or is otherwise malformed.";
}

std::string with_seconds(std::string_view text, std::int64_t seconds) {
  std::string filled(text);
  const auto place = filled.find("{}");
  if (place != std::string::npos) filled.replace(place, 2, std::to_string(std::max<std::int64_t>(seconds, 1)));
  return filled;
}

/// A document of errors while it is written: in memory of its own on the stack, as refusals are what an attack gets
/// (a refused send took 17 allocations).
class error_document {
 public:
  json::object& add() { return errors_.emplace_back(json::object_kind).get_object(); }
  http::response reply(int status) {
    json::object document = json::object(json::storage_ptr(&memory_));
    document.emplace("errors", std::move(errors_));
    return http::response(status, json::serialize(document), json_api_content_type);
  }

 private:
  static constexpr std::size_t usual_bytes = 1536;  // beyond them it allocates

  std::array<unsigned char, usual_bytes> room_;
  json::monotonic_resource memory_{room_.data(), room_.size()};
  json::array errors_ = json::array(json::storage_ptr(&memory_));
};

void write_error(json::object& object, const error_row& row, const core::failure& error) {
  const auto add_text = [&object](std::string_view text) { object["detail"].emplace_array().emplace_back(text); };
  object.reserve(4);
  if (row.shape == gateway) {
    object["gateway"] = "qcloud";  // the one gateway of the original; clients do not look at it
    object["status"] = "failure";
    add_text(row.text);
    return;
  }
  if (row.status == integer) {
    object["status"] = row.http_status;
  } else {
    object["status"] = std::to_string(row.http_status);
  }
  object["code"] = row.code;
  switch (row.shape) {
    case attribute: {
      std::string pointer = "/data/attributes/";
      pointer += row.attribute.empty() ? std::string_view(error.field) : row.attribute;
      object["source"].emplace_object()["pointer"] = pointer;
      add_text(row.text);
      break;
    }
    case detail:
      add_text(with_seconds(row.text, error.retry_after_seconds));
      break;
    case oauth: {
      const std::string_view message = oauth_message(row.code);
      json::object& described = object["detail"].emplace_object();
      described["error"] = row.code;
      described["error_description"] = message;
      described["hint"] = row.text;
      described["message"] = message;
      break;
    }
    case plain:
    case gateway:
      break;
  }
}

http::response plain_response(int status, std::string_view code) {
  error_document document;
  json::object& error = document.add();
  error["status"] = std::to_string(status);
  error["code"] = code;
  return document.reply(status);
}

void add_retry_after(http::response& reply, const core::failure& error) {
  reply.retry_after_seconds = error.retry_after_seconds;
  if (reply.status == 503 && reply.retry_after_seconds <= 0) reply.retry_after_seconds = overload_retry_seconds;
}

std::string_view edge_code(int status) noexcept {
  switch (status) {
    case 400:
      return "malformed_request";
    case 404:
      return "route_not_found";
    case 408:
      return "request_timeout";
    case 413:
      return "payload_too_large";
    case 414:
      return "uri_too_long";
    case 415:
      return "unsupported_media_type";
    case 417:
      return "expectation_failed";
    case 431:
      return "header_fields_too_large";
    case 501:
      return "not_implemented";
    case 503:
      return "service_unavailable";
    default:
      return status < 500 ? "malformed_request" : "unknown_error";
  }
}

}  // namespace

const error_row& row_of(errc error) noexcept {
  const auto index = static_cast<std::size_t>(error);
  return index < table.size() ? table[index] : table.back();
}

http::response error_response(const core::failure& error) {
  const error_row& row = row_of(error.code);
  error_document document;
  write_error(document.add(), row, error);
  http::response reply = document.reply(row.http_status);
  add_retry_after(reply, error);
  return reply;
}

http::response refuse(http::request& request, const core::failure& error) {
  request.event->outcome = core::to_string(error.code);
  return error_response(error);
}

http::response validation_response(http::request& request, std::span<const core::failure> failures) {
  request.event->outcome = core::to_string(failures.front().code);
  error_document document;
  for (const core::failure& error : failures)
    write_error(document.add(), row_of(error.code), error);
  return document.reply(422);
}

http::response unknown_number_response(std::string_view code, std::string_view token) {
  error_document document;
  json::object& error = document.add();
  error["status"] = 400;
  error["code"] = code;
  error["token"] = token;
  error["user"] = nullptr;
  return document.reply(400);
}

http::response invalid_include_response(std::string_view names) {
  constexpr std::size_t longest_names = 64;  // bytes
  const auto known = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ',' || c == '.' ||
           c == '_';
  };
  if (names.size() > longest_names || !std::all_of(names.begin(), names.end(), known)) names = {};
  return plain_response(500, "Invalid includes [" + std::string(names) + "]");
}

http::response edge_response(int status, const core::failure& error, const http::request& where) {
  // The original gives the method's name as the code, under 500; clients have texts for the names.
  const bool named = status == 405 && where.verb != http::method::other;
  http::response reply = plain_response(status, named ? http::to_string(where.verb) : edge_code(status));
  add_retry_after(reply, error);
  return reply;
}

}  // namespace smsauth::dialect::discuzq
