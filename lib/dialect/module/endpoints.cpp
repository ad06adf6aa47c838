#include "dialect/module/endpoints.hpp"

#include "dialect/module/input.hpp"
#include "dialect/module/replies.hpp"

#include <utility>

namespace smsauth::dialect::module {

using core::errc;

namespace {

http::awaitable<http::response> login_by_code(const flat_endpoint& on, http::request& request,
                                              const login_fields& given) {
  const service::caller who = on.caller_of(request);
  const service::code_login_request wanted(given.phone, *given.code);
  const auto opened = co_await on.services.accounts().login_by_code(who, wanted);
  if (!opened) co_return refuse(request, opened.error());
  if (!opened->session) co_return refuse(request, errc::not_registered);
  co_return signed_in_reply(opened->session->account, opened->session->tokens, on.config());
}

http::awaitable<http::response> login_by_password(const flat_endpoint& on, http::request& request,
                                                  const login_fields& given) {
  const service::caller who = on.caller_of(request);
  const service::password_login_request wanted(given.phone, *given.password);
  const auto opened = co_await on.services.accounts().login_by_password(who, wanted);
  if (!opened) co_return refuse(request, opened.error());
  co_return signed_in_reply(opened->account, opened->tokens, on.config());
}

}  // namespace

http::awaitable<http::response> serve_register(const flat_endpoint& on, http::request& request) {
  const auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto wanted = read_registration(on.config(), *input);
  if (!wanted) co_return refuse(request, wanted.error());
  const service::caller who = on.caller_of(request);
  const auto made = co_await on.services.accounts().register_account(who, *wanted);
  if (!made) co_return refuse(request, made.error());
  co_return signed_in_reply(made->account, made->tokens, on.config());
}

http::awaitable<http::response> serve_login(const flat_endpoint& on, http::request& request) {
  const auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto given = read_login(on.config(), *input);
  if (!given) co_return refuse(request, given.error());
  http::response reply;
  if (given->code) {
    reply = co_await login_by_code(on, request, *given);
  } else {
    reply = co_await login_by_password(on, request, *given);
  }
  co_return reply;
}

http::awaitable<http::response> serve_send_code(const flat_endpoint& on, http::request& request) {
  const auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto wanted = read_send(on.config(), *input);
  if (!wanted) co_return refuse(request, wanted.error());
  const service::caller who = on.caller_of(request);
  const auto sent = co_await on.services.verifications().send(who, *wanted);
  if (!sent) co_return refuse(request, sent.error());
  co_return sent_reply(*sent);
}

http::awaitable<http::response> serve_reset_password(const flat_endpoint& on, http::request& request) {
  const auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto wanted = read_password_change(on.config(), *input);
  if (!wanted) co_return refuse(request, wanted.error());
  const service::caller who = on.caller_of(request);
  const auto changed =
      co_await on.services.accounts().reset_password(who, wanted->phone, wanted->proof, wanted->password);
  if (!changed) co_return refuse(request, changed.error());
  co_return password_changed_reply();
}

}  // namespace smsauth::dialect::module
