#include "dialect/smssend/endpoints.hpp"

#include "dialect/smssend/input.hpp"
#include "dialect/smssend/replies.hpp"

namespace smsauth::dialect::smssend {

namespace {

constexpr int http_ok = 200;

}  // namespace

http::awaitable<http::response> serve_send(const flat_endpoint& on, http::request& request) {
  const auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto wanted = read_send(on.config(), *input);
  if (!wanted) co_return refuse(request, wanted.error());
  const service::caller who = on.caller_of(request);
  const auto sent = co_await on.services.verifications().send(who, *wanted);
  if (!sent) co_return refuse(request, sent.error());
  co_return sent_reply(*sent);
}

http::awaitable<http::response> serve_user_exists(const flat_endpoint& on, http::request& request) {
  const auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto phone = read_user_exists(on.config(), *input);
  if (!phone) co_return refuse(request, phone.error());
  const service::caller who = on.caller_of(request);
  const auto registered = co_await on.services.verifications().is_registered(who, *phone);
  if (!registered) co_return refuse(request, registered.error());
  co_return exists_reply(*registered);
}

http::awaitable<http::response> serve_country_codes(const flat_endpoint& on, const std::string& list,
                                                    http::request& request) {
  const auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto fine = check_country_question(*input);
  if (!fine) co_return refuse(request, fine.error());
  co_return http::response(http_ok, list);
}

http::awaitable<http::response> serve_register(const flat_endpoint& on, http::request& request) {
  const auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto wanted = read_registration(on.config(), *input);
  if (!wanted) co_return refuse(request, wanted.error());
  const service::caller who = on.caller_of(request);
  const auto made = co_await on.services.accounts().register_account(who, *wanted);
  if (!made) co_return refuse(request, made.error());
  co_return registered_reply(made->account);
}

http::awaitable<http::response> serve_login(const flat_endpoint& on, http::request& request) {
  const auto input = read_fields(request, on.limits);
  if (!input) co_return refuse(request, input.error());
  const auto wanted = read_login(on.config(), *input);
  if (!wanted) co_return refuse(request, wanted.error());
  const service::caller who = on.caller_of(request);
  const auto opened = co_await on.services.accounts().login_by_password(who, *wanted);
  if (!opened) co_return refuse(request, opened.error());
  co_return logged_in_reply(*opened, on.config());
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

}  // namespace smsauth::dialect::smssend
