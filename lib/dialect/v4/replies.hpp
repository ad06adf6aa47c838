// Dialect v4 on the wire: the envelope {"code": …, "data": …, "msg": "…"} and what stands in it.
#pragma once

#include "core/account.hpp"
#include "core/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "service/session_service.hpp"

#include <string_view>

namespace smsauth::dialect::v4 {

/// Notes the outcome for the log. Codes are those of the page (-1, -2) and ours for what it leaves open.
http::response refuse(const http::request& request, const core::failure& error);
/// The same for the two steps of the forgotten password, where the page gives a wrong code -1 instead of -2.
http::response refuse_reset(const http::request& request, const core::failure& error);
/// For failures before a handler runs.
http::response refuse_at_edge(int status, const core::failure& error, const http::request& where);

/// `code` is the string "200" here and `data` is absent, as the page shows it.
http::response sent_reply();
/// `data` is "".
http::response plain_reply(std::string_view text);
http::response code_proved_reply(std::string_view reset_token);
/// `enterprise_id` is an integer and `apply` empty.
http::response registered_reply(const core::account& account, const service::token_set& tokens);
/// `enterprise_id` is a string.
http::response logged_in_reply(const core::account& account, const service::token_set& tokens, bool device_changed);

}  // namespace smsauth::dialect::v4
