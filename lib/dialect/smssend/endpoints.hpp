// The endpoints of dialect smssend: the seed's doSend, and what the public web client of that API calls beside it.
#pragma once

#include "dialect/flat_endpoint.hpp"

#include <string>

namespace smsauth::dialect::smssend {

/// `uuid` and `username` are read and decide nothing: where a code goes and which account it opens is the number's to
/// say (SEND-05).
http::awaitable<http::response> serve_send(const flat_endpoint& on, http::request& request);
http::awaitable<http::response> serve_user_exists(const flat_endpoint& on, http::request& request);
http::awaitable<http::response> serve_register(const flat_endpoint& on, http::request& request);
http::awaitable<http::response> serve_login(const flat_endpoint& on, http::request& request);
http::awaitable<http::response> serve_reset_password(const flat_endpoint& on, http::request& request);
/// `list`: the reply's body, made once by country_list.
http::awaitable<http::response> serve_country_codes(const flat_endpoint& on, const std::string& list,
                                                    http::request& request);

}  // namespace smsauth::dialect::smssend
