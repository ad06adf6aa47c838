#include "dialect/v4/endpoints.hpp"

#include "dialect/v4/input.hpp"
#include "dialect/v4/replies.hpp"

namespace smsauth::dialect::v4 {

using core::errc;

namespace {

http::response answer(const flat_endpoint& on, const http::request& request, expectation expect, bool registered) {
  const bool expected = expect == expectation::known_number;
  // Uniform answers agree with everybody: the truth is told only to who proves the number.
  if (on.config().uniform_answers || registered == expected) return plain_reply("成功");
  return refuse(request, registered ? errc::already_registered : errc::not_registered);
}

}  // namespace

http::awaitable<http::response> serve_send(const flat_endpoint& on, http::request& request) {
  auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto asked = read_question(on.config(), *input, request, "mobile");
  if (!asked) co_return refuse(request, asked.error());
  const service::caller who = on.caller_of(request);
  const service::send_request wanted = send_request_of(*asked);
  const auto sent = co_await on.services.verifications().send(who, wanted);
  if (!sent) co_return refuse(request, sent.error());
  co_return sent_reply();
}

http::awaitable<http::response> serve_is_registered(const flat_endpoint& on, http::request& request) {
  auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto asked = read_question(on.config(), *input, request, "phone");
  if (!asked) co_return refuse(request, asked.error());
  const service::caller who = on.caller_of(request);
  const auto registered = co_await on.services.verifications().is_registered(who, asked->phone);
  if (!registered) co_return refuse(request, registered.error());
  co_return answer(on, request, asked->expect, *registered);
}

http::awaitable<http::response> serve_register(const flat_endpoint& on, http::request& request) {
  const auto input = read_secret_fields(request, on.limits, on.config());
  if (!input) co_return refuse(request, input.error());
  const auto wanted = read_registration(on.config(), *input);
  if (!wanted) co_return refuse(request, wanted.error());
  const service::caller who = on.caller_of(request);
  const auto made = co_await on.services.accounts().register_account(who, *wanted);
  if (!made) co_return refuse(request, made.error());
  co_return registered_reply(made->account, made->tokens);
}

http::awaitable<http::response> serve_login(const flat_endpoint& on, http::request& request) {
  const auto input = read_secret_fields(request, on.limits, on.config());
  if (!input) co_return refuse(request, input.error());
  const auto wanted = read_login(on.config(), *input);
  if (!wanted) co_return refuse(request, wanted.error());
  const service::caller who = on.caller_of(request);
  const auto opened = co_await on.services.accounts().login_by_password(who, *wanted);
  if (!opened) co_return refuse(request, opened.error());
  co_return logged_in_reply(opened->account, opened->tokens, opened->device_changed);
}

http::awaitable<http::response> serve_verify_code(const flat_endpoint& on, http::request& request) {
  const auto input = read_secret_fields(request, on.limits, on.config());
  if (!input) co_return refuse_reset(request, input.error());
  const auto check = read_code_check(on.config(), *input);
  if (!check) co_return refuse_reset(request, check.error());
  const service::caller who = on.caller_of(request);
  const auto token = co_await on.services.accounts().prove_for_reset(who, check->phone, check->code, check->device_id);
  if (!token) co_return refuse_reset(request, token.error());
  co_return code_proved_reply(*token);
}

http::awaitable<http::response> serve_forget_password(const flat_endpoint& on, http::request& request) {
  const auto input = read_secret_fields(request, on.limits, on.config());
  if (!input) co_return refuse_reset(request, input.error());
  const auto wanted = read_password_change(on.config(), *input);
  if (!wanted) co_return refuse_reset(request, wanted.error());
  const service::caller who = on.caller_of(request);
  const auto changed =
      co_await on.services.accounts().reset_password(who, wanted->phone, wanted->proof, wanted->password);
  if (!changed) co_return refuse_reset(request, changed.error());
  co_return plain_reply("修改成功");
}

}  // namespace smsauth::dialect::v4
