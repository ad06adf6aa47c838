// What every endpoint of the dialect starts from: attributes read, caller known, session proved.
#pragma once

#include "core/limits.hpp"
#include "core/purpose.hpp"
#include "dialect/discuzq/cross_origin.hpp"
#include "dialect/discuzq/document.hpp"
#include "http/router.hpp"
#include "service/services.hpp"

#include <optional>
#include <string_view>

namespace smsauth::dialect::discuzq {

/// Shared by all requests of the dialect; outlives them.
struct site {
  service::services& services;
  const core::http_limits& limits;
  cross_origin_policy origins;
};

struct call {
  call(http::request& r, document d);

  http::request& request;
  document content;
  service::caller who;
  std::optional<service::principal> session;  ///< empty = guest
};

/// One endpoint's own part; `now` has a session whenever the request had a token.
using endpoint = http::awaitable<http::response> (*)(const site& here, call& now);

http::awaitable<http::response> serve_send(const site& here, call& now);
http::awaitable<http::response> serve_verify(const site& here, call& now);
http::awaitable<http::response> serve_refresh(const site& here, call& now);

/// The common beginning, then `answer`. A bad token fails every endpoint, also where none is needed.
http::awaitable<http::response> serve(const site& here, http::request& request, endpoint answer);

/// The credential of Authorization; empty = guest. "Bearer " in front is optional and case-sensitive, as in the
/// original; its `?token=` is not read, because it would put the token in logs (TOK-10). Error: invalid_token for two
/// fields.
core::result<std::string_view> bearer_token(const http::request& request);

/// "reset_pwd" → reset_password; nothing for a type that does not exist.
std::optional<core::purpose> purpose_of_type(std::string_view type) noexcept;

/// Do codes of this purpose go to the number of the session's account, whatever number the request names?
bool uses_own_number(core::purpose purpose) noexcept;

/// E.164 of the session's account; empty for a guest or an account without a number.
std::string_view own_number(const call& now) noexcept;

}  // namespace smsauth::dialect::discuzq
