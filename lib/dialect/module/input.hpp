// What the endpoints of dialect module read from a request's body.
#pragma once

#include "dialect/flat_endpoint.hpp"

#include <optional>
#include <string_view>

namespace smsauth::dialect::module {

/// The fields of the body; this dialect has no query.
core::result<fields> read_fields(const http::request& request, const core::http_limits& limits);

// Everything below holds views into `input`.

core::result<service::send_request> read_send(const service::settings& config, const fields& input);
core::result<service::registration_request> read_registration(const service::settings& config, const fields& input);

struct login_fields {
  core::phone_number phone;
  std::optional<std::string_view> code;  ///< exactly one of these is there
  std::optional<std::string_view> password;
};
core::result<login_fields> read_login(const service::settings& config, const fields& input);

struct password_change {
  core::phone_number phone;
  std::string_view password;
  service::reset_proof proof;
};
core::result<password_change> read_password_change(const service::settings& config, const fields& input);

}  // namespace smsauth::dialect::module
