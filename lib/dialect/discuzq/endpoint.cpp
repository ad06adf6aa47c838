#include "dialect/discuzq/endpoint.hpp"

#include "dialect/discuzq/errors.hpp"

#include <utility>

namespace smsauth::dialect::discuzq {

call::call(http::request& r, document d)
    : request(r),
      content(std::move(d)),
      who(core::dialect::discuzq, r.client.text(), r.client.limit_key(), r.header("User-Agent").value_or(""),
          *r.event) {}

core::result<std::string_view> bearer_token(const http::request& request) {
  constexpr std::string_view scheme = "Bearer ";
  if (request.header_count("Authorization") > 1) return core::errc::invalid_token;
  std::string_view value = request.header("Authorization").value_or("");
  if (value.starts_with(scheme)) value.remove_prefix(scheme.size());
  return value;
}

std::optional<core::purpose> purpose_of_type(std::string_view type) noexcept {
  if (type == "login") return core::purpose::login;
  if (type == "bind") return core::purpose::bind;
  if (type == "rebind") return core::purpose::rebind;
  if (type == "reset_pwd") return core::purpose::reset_password;
  if (type == "reset_pay_pwd") return core::purpose::reset_pay_password;
  if (type == "verify") return core::purpose::verify;
  return std::nullopt;
}

bool uses_own_number(core::purpose purpose) noexcept {
  return purpose == core::purpose::verify || purpose == core::purpose::reset_pay_password;
}

std::string_view own_number(const call& now) noexcept {
  return now.session ? std::string_view(now.session->account.phone) : std::string_view();
}

http::awaitable<http::response> serve(const site& here, http::request& request, endpoint answer) {
  auto content = read_document(request, here.limits);
  if (!content) co_return refuse(request, content.error());
  if (!content->include.empty()) {
    request.event->outcome = core::to_string(core::errc::invalid_field);
    co_return invalid_include_response(content->include);
  }
  call now(request, std::move(*content));

  const auto token = bearer_token(request);
  if (!token) co_return refuse(request, token.error());
  if (!token->empty()) {
    auto session = co_await here.services.sessions().authenticate(now.who, *token);
    if (!session) co_return refuse(request, session.error());
    now.session = std::move(*session);
  }
  auto reply = co_await answer(here, now);
  co_return reply;
}

}  // namespace smsauth::dialect::discuzq
