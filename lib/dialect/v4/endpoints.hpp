// The six endpoints of dialect v4. Each reads its fields, makes one service call, writes the reply.
#pragma once

#include "dialect/flat_endpoint.hpp"

namespace smsauth::dialect::v4 {

/// sendsms/{mobile}: expect 0 = a code to register with, 1 = a code to reset the password with.
http::awaitable<http::response> serve_send(const flat_endpoint& on, http::request& request);
/// isregister/{phone}: does reality fit `expect`?
http::awaitable<http::response> serve_is_registered(const flat_endpoint& on, http::request& request);
http::awaitable<http::response> serve_register(const flat_endpoint& on, http::request& request);
http::awaitable<http::response> serve_login(const flat_endpoint& on, http::request& request);
/// Forgotten password, step one: a right code becomes a grant.
http::awaitable<http::response> serve_verify_code(const flat_endpoint& on, http::request& request);
/// Step two: a grant or a code becomes a new password.
http::awaitable<http::response> serve_forget_password(const flat_endpoint& on, http::request& request);

}  // namespace smsauth::dialect::v4
