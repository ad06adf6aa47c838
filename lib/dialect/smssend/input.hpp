// What the endpoints of dialect smssend read from a request's body. Fields that decide nothing (`uuid`, `username`, …)
// are still read: an array or a boolean there is no request we understand.
#pragma once

#include "dialect/flat_endpoint.hpp"

#include <string_view>

namespace smsauth::dialect::smssend {

/// The fields of the body; this dialect has no query.
core::result<fields> read_fields(const http::request& request, const core::http_limits& limits);

/// `type`: 1 register and 2 find password are the page's; the others are ours.
core::result<service::send_request> read_send(const service::settings& config, const fields& input);
core::result<core::phone_number> read_user_exists(const service::settings& config, const fields& input);
core::result<void> check_country_question(const fields& input);

// Everything below holds views into `input`.

core::result<service::registration_request> read_registration(const service::settings& config, const fields& input);
core::result<service::password_login_request> read_login(const service::settings& config, const fields& input);

struct password_change {
  core::phone_number phone;
  std::string_view password;
  service::reset_proof proof;
};
core::result<password_change> read_password_change(const service::settings& config, const fields& input);

}  // namespace smsauth::dialect::smssend
