#include "dialect/failure_table.hpp"
#include "dialect/module/replies.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace smsauth::dialect::module {

namespace json = boost::json;
using core::errc;

namespace {

constexpr int failed = 0;  // the one status of all failures

constexpr failure_table rows{{
    {errc::malformed_request, 400, failed, "请求格式错误"},
    {errc::unsupported_media_type, 415, failed, "不支持的请求格式"},
    {errc::missing_field, 200, failed, "参数不完整"},
    {errc::invalid_field, 200, failed, "参数错误"},
    {errc::invalid_phone, 200, failed, "手机号格式不正确"},
    {errc::country_not_allowed, 200, failed, "暂不支持该地区的手机号"},
    {errc::wrong_code, 200, failed, "验证码错误"},
    {errc::phone_locked, 200, failed, "错误次数过多,请稍后再试"},
    {errc::send_too_soon, 200, failed, "发送过于频繁,请稍后再试"},
    {errc::send_limited, 200, failed, "发送次数过多,请稍后再试"},
    {errc::already_registered, 200, failed, "该手机号已注册"},
    {errc::not_registered, 200, failed, "该手机号未注册"},
    {errc::registration_closed, 200, failed, "暂未开放注册"},
    {errc::account_banned, 200, failed, "账号已被禁用"},
    {errc::account_pending, 200, failed, "账号正在审核中"},
    {errc::account_rejected, 200, failed, "账号审核未通过"},
    {errc::account_ignored, 200, failed, "账号审核未通过"},
    {errc::phone_already_bound, 200, failed, "账号已绑定手机号"},
    {errc::phone_taken, 200, failed, "该手机号已注册"},
    {errc::same_phone, 200, failed, "新手机号与原手机号相同"},
    {errc::proof_required, 200, failed, "请先验证原手机号"},
    {errc::grant_required, 200, failed, "请先验证手机号"},
    {errc::invite_invalid, 200, failed, "邀请码无效"},
    {errc::lookup_limited, 200, failed, "操作过于频繁,请稍后再试"},
    {errc::wrong_password, 200, failed, "手机号或密码错误"},
    {errc::password_throttled, 200, failed, "密码错误次数过多,请稍后再试"},
    {errc::password_mismatch, 200, failed, "两次输入的密码不一致"},
    {errc::password_rule, 200, failed, "密码不符合要求"},
    {errc::same_password, 200, failed, "新密码不能与原密码相同"},
    {errc::pay_password_mismatch, 200, failed, "两次输入的支付密码不一致"},
    {errc::pay_password_rule, 200, failed, "支付密码必须为6位数字"},
    {errc::same_pay_password, 200, failed, "新支付密码不能与原支付密码相同"},
    {errc::wrong_pay_password, 200, failed, "支付密码错误"},
    {errc::pay_password_disabled, 200, failed, "支付密码已被停用,请重新设置"},
    {errc::not_authenticated, 200, failed, "请先登录"},
    {errc::invalid_token, 200, failed, "登录已失效,请重新登录"},
    {errc::missing_refresh_token, 200, failed, "请先登录"},
    {errc::invalid_refresh_token, 200, failed, "登录已失效,请重新登录"},
    {errc::gateway_failed, 503, failed, "短信发送失败,请稍后再试"},
    {errc::busy, 503, failed, "系统繁忙,请稍后再试"},
    {errc::unavailable, 503, failed, "系统繁忙,请稍后再试"},
    {errc::internal, 500, failed, "系统错误"},
}};
static_assert(is_complete(rows));

http::response write_failure(const failure_row& row, const core::failure& error) {
  json::object body;
  body["status"] = row.code;
  body["msg"] = json::string_view(row.text.data(), row.text.size());
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

}  // namespace smsauth::dialect::module
