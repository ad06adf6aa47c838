// What the endpoints of dialect v4 read from path, query and body.
#pragma once

#include "dialect/flat_endpoint.hpp"

#include <cstdint>
#include <string_view>

namespace smsauth::dialect::v4 {

core::result<fields> read_fields(const http::request& request, const core::http_limits& limits);
/// The same for endpoints with codes and passwords: strict reads no query there, whatever the method, because a URL
/// ends in every log on the way.
core::result<fields> read_secret_fields(const http::request& request, const core::http_limits& limits,
                                        const service::settings& config);

/// What the client believes of a number: the values of `expect`.
enum class expectation : std::uint8_t { unknown_number = 0, known_number = 1 };

struct number_question {
  core::phone_number phone;
  expectation expect;
};
/// The number of the path, which the page calls `path_name`, and `expect`, 0 when absent.
core::result<number_question> read_question(const service::settings& config, fields& input,
                                            const http::request& request, std::string_view path_name);
/// Who is believed unknown wants to register, who is believed known has forgotten the password.
service::send_request send_request_of(const number_question& asked);

// Everything below holds views into `input`.

/// A missing `code` is missing_field unless old clients are let through for a while (--v4-register-code=optional).
core::result<service::registration_request> read_registration(const service::settings& config, const fields& input);
core::result<service::password_login_request> read_login(const service::settings& config, const fields& input);

struct code_check {
  core::phone_number phone;
  std::string_view code;
  std::string_view device_id;
};
core::result<code_check> read_code_check(const service::settings& config, const fields& input);

struct password_change {
  core::phone_number phone;
  std::string_view password;
  service::reset_proof proof;
};
/// reset_token, or code, or neither: then the grant of this client. Both at once leave open what is meant, and an empty
/// one proves nothing: invalid_field, grant_required.
core::result<password_change> read_password_change(const service::settings& config, const fields& input);

}  // namespace smsauth::dialect::v4
