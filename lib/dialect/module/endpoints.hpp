// The endpoints of dialect module: the seed's registration, and the siblings that its clients need beside it.
#pragma once

#include "dialect/flat_endpoint.hpp"

namespace smsauth::dialect::module {

/// A number with an account that has no password is logged in by the same code.
http::awaitable<http::response> serve_register(const flat_endpoint& on, http::request& request);
/// phone and code, or phone and password.
http::awaitable<http::response> serve_login(const flat_endpoint& on, http::request& request);
/// type: register, login or reset.
http::awaitable<http::response> serve_send_code(const flat_endpoint& on, http::request& request);
http::awaitable<http::response> serve_reset_password(const flat_endpoint& on, http::request& request);

}  // namespace smsauth::dialect::module
