// Successes as JSON:API resources: {"data":{"type":…,"id":"…","attributes":{…}}}.
#pragma once

#include "core/account.hpp"
#include "http/response.hpp"
#include "service/session_service.hpp"
#include "service/settings.hpp"

#include <cstdint>

namespace smsauth::dialect::discuzq {

/// 201: the original creates a resource. `interval_seconds` drives the client's resend timer.
http::response sent_response(std::int64_t interval_seconds);

http::response token_response(std::int64_t uid, const service::token_set& tokens);

/// The account as its owner sees it, with members of the document's examples that this server has no use for (wallet,
/// threads, …) at their resting values. Every reply with it follows a proved code for the account's number, so there is
/// no guest's view.
http::response user_response(const core::account& account, const service::settings& config);

}  // namespace smsauth::dialect::discuzq
