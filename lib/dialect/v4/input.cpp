#include "dialect/v4/input.hpp"

#include <utility>

namespace smsauth::dialect::v4 {

using core::errc;

namespace {

core::result<core::phone_number> read_phone_field(const service::settings& config, const fields& input) {
  const auto text = input.required("phone");
  if (!text) return text.error();
  return read_mainland_phone(*text, config);
}

}  // namespace

core::result<fields> read_fields(const http::request& request, const core::http_limits& limits) {
  return fields::read(request, field_sources{true, true}, limits);
}

core::result<fields> read_secret_fields(const http::request& request, const core::http_limits& limits,
                                        const service::settings& config) {
  return fields::read(request, field_sources{config.v4_get_with_secrets, true}, limits);
}

core::result<number_question> read_question(const service::settings& config, fields& input,
                                            const http::request& request, std::string_view path_name) {
  if (const auto added = input.add_path(path_name, request.path_parameter); !added) return added.error();
  const auto text = input.required(path_name);
  if (!text) return text.error();
  auto phone = read_mainland_phone(*text, config);
  if (!phone) return phone.error();
  const auto expect = input.integer("expect");
  if (!expect) return expect.error();
  switch (expect->value_or(0)) {
    case 0:
      return number_question{std::move(*phone), expectation::unknown_number};
    case 1:
      return number_question{std::move(*phone), expectation::known_number};
    default:
      return core::failure(errc::invalid_field, "expect");
  }
}

service::send_request send_request_of(const number_question& asked) {
  if (asked.expect == expectation::known_number) {
    return {asked.phone, core::purpose::reset_password, service::account_condition::must_exist};
  }
  return {asked.phone, core::purpose::register_account, service::account_condition::must_not_exist};
}

core::result<service::registration_request> read_registration(const service::settings& config, const fields& input) {
  auto phone = read_phone_field(config, input);
  if (!phone) return phone.error();
  const auto password = input.required("password");
  if (!password) return password.error();
  const auto name = stored_text(input, "name", max_name_length);
  if (!name) return name.error();
  const auto device = stored_text(input, "device_identifier", max_device_length);
  if (!device) return device.error();
  const auto code = input.required("code");
  const bool left_out = !code && code.error() == errc::missing_field && config.v4_register_code_optional;
  if (!code && !left_out) return code.error();
  service::registration_request wanted(std::move(*phone), left_out ? std::string_view{} : *code);
  wanted.code_optional = left_out;
  wanted.password = *password;
  wanted.name = *name;
  wanted.device_id = *device;
  return wanted;
}

core::result<service::password_login_request> read_login(const service::settings& config, const fields& input) {
  auto phone = read_phone_field(config, input);
  if (!phone) return phone.error();
  const auto password = input.required("password");
  if (!password) return password.error();
  const auto device = stored_text(input, "device_identifier", max_device_length);
  if (!device) return device.error();
  service::password_login_request wanted(std::move(*phone), *password);
  wanted.device_id = *device;
  return wanted;
}

core::result<code_check> read_code_check(const service::settings& config, const fields& input) {
  auto phone = read_phone_field(config, input);
  if (!phone) return phone.error();
  const auto code = input.required("code");
  if (!code) return code.error();
  const auto device = stored_text(input, "device_identifier", max_device_length);
  if (!device) return device.error();
  return code_check{std::move(*phone), *code, *device};
}

core::result<password_change> read_password_change(const service::settings& config, const fields& input) {
  auto phone = read_phone_field(config, input);
  if (!phone) return phone.error();
  const auto password = input.required("password");
  if (!password) return password.error();
  const auto token = input.text("reset_token");
  if (!token) return token.error();
  const auto code = input.text("code");
  if (!code) return code.error();
  if (token->has_value() && code->has_value()) return core::failure(errc::invalid_field, "code");
  // A proof that was sent empty is a mistake of the client, not a wish for the weaker proof.
  service::reset_proof proof;
  proof.reset_token = token->value_or("");
  proof.code = code->value_or("");
  proof.grant_by_client = !token->has_value() && !code->has_value();
  if (!proof.grant_by_client && proof.reset_token.empty() && proof.code.empty()) return errc::grant_required;
  return password_change{std::move(*phone), *password, proof};
}

}  // namespace smsauth::dialect::v4
