// Dialect module on the wire: {"status": 200, "msg": …, "data": {…}}, on failure {"status": 0, "msg": …}.
#pragma once

#include "core/account.hpp"
#include "core/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "service/session_service.hpp"
#include "service/settings.hpp"
#include "service/verification_service.hpp"

namespace smsauth::dialect::module {

/// Notes the outcome for the log.
http::response refuse(const http::request& request, const core::failure& error);
/// For failures before a handler runs.
http::response refuse_at_edge(int status, const core::failure& error, const http::request& where);

/// data: the code's life and the wait until the next one, in seconds.
http::response sent_reply(const service::send_receipt& receipt);
/// Registration and login alike: all keys of the seed.
http::response signed_in_reply(const core::account& account, const service::token_set& tokens,
                               const service::settings& config);
http::response password_changed_reply();

}  // namespace smsauth::dialect::module
