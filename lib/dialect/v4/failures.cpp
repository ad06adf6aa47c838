#include "dialect/failure_table.hpp"
#include "dialect/v4/replies.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace smsauth::dialect::v4 {

namespace json = boost::json;
using core::errc;

namespace {

// The page: "-1", "-2"; "other errors: show msg".
constexpr int refused = -1;
constexpr int wrong_code = -2;
constexpr int bad_parameter = -3;
constexpr int too_frequent = -4;
constexpr int locked = -5;
constexpr int account_disabled = -6;
constexpr int busy = -9;

constexpr failure_table rows{{
    {errc::malformed_request, 400, bad_parameter, "请求格式错误"},
    {errc::unsupported_media_type, 415, bad_parameter, "不支持的请求格式"},
    {errc::missing_field, 200, bad_parameter, "参数不完整"},
    {errc::invalid_field, 200, bad_parameter, "参数错误"},
    {errc::invalid_phone, 200, bad_parameter, "手机号格式不正确"},
    {errc::country_not_allowed, 200, bad_parameter, "暂不支持该地区的手机号"},
    {errc::wrong_code, 200, wrong_code, "验证码错误"},
    {errc::phone_locked, 200, locked, "错误次数过多,请稍后再试"},
    {errc::send_too_soon, 200, too_frequent, "发送过于频繁,请稍后再试"},
    {errc::send_limited, 200, too_frequent, "发送次数过多,请稍后再试"},
    {errc::already_registered, 200, refused, "手机号已经被注册"},
    {errc::not_registered, 200, refused, "手机号没有注册"},
    {errc::registration_closed, 200, account_disabled, "暂未开放注册"},
    {errc::account_banned, 200, account_disabled, "账号已被禁用"},
    {errc::account_pending, 200, account_disabled, "账号正在审核中"},
    {errc::account_rejected, 200, account_disabled, "账号审核未通过"},
    {errc::account_ignored, 200, account_disabled, "账号审核未通过"},
    {errc::phone_already_bound, 200, refused, "账号已绑定手机号"},
    {errc::phone_taken, 200, refused, "手机号已经被注册"},
    {errc::same_phone, 200, bad_parameter, "新手机号与原手机号相同"},
    {errc::proof_required, 200, refused, "请先验证原手机号"},
    {errc::grant_required, 200, refused, "请先验证手机号"},
    {errc::invite_invalid, 200, bad_parameter, "邀请码无效"},
    {errc::lookup_limited, 200, too_frequent, "操作过于频繁,请稍后再试"},
    {errc::wrong_password, 200, refused, "手机号或密码错误"},
    {errc::password_throttled, 200, locked, "密码错误次数过多,请稍后再试"},
    {errc::password_mismatch, 200, bad_parameter, "两次输入的密码不一致"},
    {errc::password_rule, 200, bad_parameter, "密码不符合要求"},
    {errc::same_password, 200, bad_parameter, "新密码不能与原密码相同"},
    {errc::pay_password_mismatch, 200, bad_parameter, "两次输入的支付密码不一致"},
    {errc::pay_password_rule, 200, bad_parameter, "支付密码必须为6位数字"},
    {errc::same_pay_password, 200, bad_parameter, "新支付密码不能与原支付密码相同"},
    {errc::wrong_pay_password, 200, refused, "支付密码错误"},
    {errc::pay_password_disabled, 200, locked, "支付密码已被停用,请重新设置"},
    {errc::not_authenticated, 200, refused, "请先登录"},
    {errc::invalid_token, 200, refused, "登录已失效,请重新登录"},
    {errc::missing_refresh_token, 200, refused, "请先登录"},
    {errc::invalid_refresh_token, 200, refused, "登录已失效,请重新登录"},
    {errc::gateway_failed, 503, busy, "短信发送失败,请稍后再试"},
    {errc::busy, 503, busy, "系统繁忙,请稍后再试"},
    {errc::unavailable, 503, busy, "系统繁忙,请稍后再试"},
    {errc::internal, 500, busy, "系统错误"},
}};
static_assert(is_complete(rows));

http::response write_failure(int status, int code, std::string_view text, const core::failure& error) {
  json::object body;
  body["code"] = code;
  body["data"] = "";
  body["msg"] = json::string_view(text.data(), text.size());
  return failure_response(status, json::serialize(body), error);
}

}  // namespace

http::response refuse(const http::request& request, const core::failure& error) {
  note_outcome(request, error);
  const failure_row& row = row_of(rows, error.code);
  return write_failure(row.status, row.code, row.text, error);
}

http::response refuse_reset(const http::request& request, const core::failure& error) {
  note_outcome(request, error);
  const failure_row& row = row_of(rows, error.code);
  return write_failure(row.status, error.code == errc::wrong_code ? refused : row.code, row.text, error);
}

http::response refuse_at_edge(int status, const core::failure& error, const http::request&) {
  const failure_row row = edge_row(rows, status, error);
  return write_failure(row.status, row.code, row.text, error);
}

}  // namespace smsauth::dialect::v4
