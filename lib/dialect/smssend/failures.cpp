#include "dialect/failure_table.hpp"
#include "dialect/smssend/replies.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace smsauth::dialect::smssend {

namespace json = boost::json;
using core::errc;

namespace {

constexpr int bad_parameter = 10001;
constexpr int bad_number = 10002;
constexpr int bad_country = 10003;
constexpr int registered = 10010;
constexpr int unknown_number = 10011;
constexpr int registration_closed = 10012;
constexpr int account_disabled = 10013;
constexpr int wrong_code = 10020;
constexpr int wrong_password = 10021;
constexpr int locked = 10022;
constexpr int passwords_differ = 10023;
constexpr int password_rule = 10024;
constexpr int too_frequent = 10032;  // the seed's
constexpr int not_logged_in = 10040;
constexpr int busy = 10090;

constexpr failure_table rows{{
    {errc::malformed_request, 400, bad_parameter, "请求格式错误"},
    {errc::unsupported_media_type, 415, bad_parameter, "不支持的请求格式"},
    {errc::missing_field, 200, bad_parameter, "参数不完整"},
    {errc::invalid_field, 200, bad_parameter, "参数错误"},
    {errc::invalid_phone, 200, bad_number, "手机号格式不正确"},
    {errc::country_not_allowed, 200, bad_country, "暂不支持该国家或地区的手机号"},
    {errc::wrong_code, 200, wrong_code, "验证码错误"},
    {errc::phone_locked, 200, locked, "错误次数过多,请稍后再试"},
    {errc::send_too_soon, 200, too_frequent, "短信认证过于频繁,请稍后再试"},
    {errc::send_limited, 200, too_frequent, "短信认证过于频繁,请稍后再试"},
    {errc::already_registered, 200, registered, "手机号已注册"},
    {errc::not_registered, 200, unknown_number, "手机号未注册"},
    {errc::registration_closed, 200, registration_closed, "暂未开放注册"},
    {errc::account_banned, 200, account_disabled, "账号已被禁用"},
    {errc::account_pending, 200, account_disabled, "账号正在审核中"},
    {errc::account_rejected, 200, account_disabled, "账号审核未通过"},
    {errc::account_ignored, 200, account_disabled, "账号审核未通过"},
    {errc::phone_already_bound, 200, registered, "账号已绑定手机号"},
    {errc::phone_taken, 200, registered, "手机号已注册"},
    {errc::same_phone, 200, bad_parameter, "新手机号与原手机号相同"},
    {errc::proof_required, 200, wrong_code, "请先验证原手机号"},
    {errc::grant_required, 200, wrong_code, "请先验证手机号"},
    {errc::invite_invalid, 200, bad_parameter, "邀请码无效"},
    {errc::lookup_limited, 200, too_frequent, "操作过于频繁,请稍后再试"},
    {errc::wrong_password, 200, wrong_password, "手机号或密码错误"},
    {errc::password_throttled, 200, locked, "密码错误次数过多,请稍后再试"},
    {errc::password_mismatch, 200, passwords_differ, "两次输入的密码不一致"},
    {errc::password_rule, 200, password_rule, "密码不符合要求"},
    {errc::same_password, 200, password_rule, "新密码不能与原密码相同"},
    {errc::pay_password_mismatch, 200, passwords_differ, "两次输入的支付密码不一致"},
    {errc::pay_password_rule, 200, password_rule, "支付密码必须为6位数字"},
    {errc::same_pay_password, 200, password_rule, "新支付密码不能与原支付密码相同"},
    {errc::wrong_pay_password, 200, wrong_password, "支付密码错误"},
    {errc::pay_password_disabled, 200, locked, "支付密码已被停用,请重新设置"},
    {errc::not_authenticated, 200, not_logged_in, "请先登录"},
    {errc::invalid_token, 200, not_logged_in, "登录已失效,请重新登录"},
    {errc::missing_refresh_token, 200, not_logged_in, "请先登录"},
    {errc::invalid_refresh_token, 200, not_logged_in, "登录已失效,请重新登录"},
    {errc::gateway_failed, 503, busy, "短信发送失败,请稍后再试"},
    {errc::busy, 503, busy, "系统繁忙,请稍后再试"},
    {errc::unavailable, 503, busy, "系统繁忙,请稍后再试"},
    {errc::internal, 500, busy, "系统错误"},
}};
static_assert(is_complete(rows));

http::response write_failure(const failure_row& row, const core::failure& error) {
  json::object body;
  body["code"] = row.code;
  body["msg"] = json::string_view(row.text.data(), row.text.size());
  body["data"] = json::array();
  return failure_response(row.status, json::serialize(body), error);
}

}  // namespace

http::response refuse(const http::request& request, const core::failure& error) {
  note_outcome(request, error);
  return write_failure(row_of(rows, error.code), error);
}

http::response refuse_at_edge(int status, const core::failure& error, const http::request&) {
  return write_failure(edge_row(rows, status, error), error);
}

}  // namespace smsauth::dialect::smssend
