// Dialect smssend on the wire: the envelope {"code": int, "msg": …, "data": {…}}; code 0 is success.
#pragma once

#include "core/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "service/account_service.hpp"
#include "service/settings.hpp"
#include "service/verification_service.hpp"

#include <string>
#include <string_view>

namespace smsauth::dialect::smssend {

/// Notes the outcome for the log. `data` is [] on failure: the public web client tests for an empty array.
http::response refuse(const http::request& request, const core::failure& error);
/// For failures before a handler runs.
http::response refuse_at_edge(int status, const core::failure& error, const http::request& where);

/// data.code is an integer where the code echo is allowed, else "".
http::response sent_reply(const service::send_receipt& receipt);
http::response exists_reply(bool exists);
http::response registered_reply(const core::account& account);
http::response logged_in_reply(const service::signed_in& session, const service::settings& config);
http::response password_changed_reply();
/// The body of Systeminfo/CountryCode: the allowed countries by region. The same for every request.
std::string country_list(const core::phone_policy& phones);

}  // namespace smsauth::dialect::smssend
