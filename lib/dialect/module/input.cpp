#include "dialect/module/input.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace smsauth::dialect::module {

using core::errc;
using service::account_condition;

namespace {

struct code_type {
  std::string_view name;
  core::purpose purpose;
  account_condition condition;
};

/// A known number may ask for a registration code: without a password, that code logs it in.
constexpr std::array code_types{
    code_type{"register", core::purpose::register_account, account_condition::any},
    code_type{"login", core::purpose::login, account_condition::must_exist},
    code_type{"reset", core::purpose::reset_password, account_condition::must_exist},
};

constexpr std::array<std::string_view, 4> genders{"男", "女", "保密", ""};
constexpr std::string_view only_reg_type = "pc";

core::result<core::phone_number> read_phone_field(const service::settings& config, const fields& input) {
  const auto text = input.required("phone");
  if (!text) return text.error();
  return read_mainland_phone(*text, config);
}

/// Form clients send what was not filled in as an empty text.
core::result<std::optional<std::string_view>> filled_text(const fields& input, std::string_view name) {
  auto value = input.text(name);
  if (value && value->has_value() && (*value)->empty()) value->reset();
  return value;
}

/// password and password2: both absent, or equal.
core::result<std::optional<std::string_view>> read_password_pair(const fields& input) {
  const auto password = filled_text(input, "password");
  if (!password) return password.error();
  const auto repeated = filled_text(input, "password2");
  if (!repeated) return repeated.error();
  if (*password != *repeated) return errc::password_mismatch;
  return *password;
}

core::result<std::string_view> read_gender(const fields& input) {
  const auto value = input.text("male");
  if (!value) return value.error();
  const std::string_view gender = value->value_or("");
  if (std::find(genders.begin(), genders.end(), gender) == genders.end())
    return core::failure(errc::invalid_field, "male");
  return gender;
}

}  // namespace

core::result<fields> read_fields(const http::request& request, const core::http_limits& limits) {
  return fields::read(request, field_sources{false, true}, limits);
}

core::result<service::send_request> read_send(const service::settings& config, const fields& input) {
  auto phone = read_phone_field(config, input);
  if (!phone) return phone.error();
  const auto type = input.required("type");
  if (!type) return type.error();
  for (const code_type& candidate : code_types) {
    if (candidate.name == *type)
      return service::send_request(std::move(*phone), candidate.purpose, candidate.condition);
  }
  return core::failure(errc::invalid_field, "type");
}

core::result<service::registration_request> read_registration(const service::settings& config, const fields& input) {
  auto phone = read_phone_field(config, input);
  if (!phone) return phone.error();
  const auto code = input.required("code");
  if (!code) return code.error();
  const auto reg_type = filled_text(input, "reg_type");
  if (!reg_type) return reg_type.error();
  if (reg_type->value_or(only_reg_type) != only_reg_type) return core::failure(errc::invalid_field, "reg_type");
  const auto password = read_password_pair(input);
  if (!password) return password.error();
  const auto gender = read_gender(input);
  if (!gender) return gender.error();
  const auto invite_code = stored_text(input, "invite_code", max_invite_code_length);
  if (!invite_code) return invite_code.error();
  service::registration_request wanted(std::move(*phone), *code);
  wanted.password = *password;
  wanted.gender = *gender;
  wanted.invite_code = *invite_code;
  wanted.invite_must_exist = true;
  wanted.sign_in_passwordless = true;
  return wanted;
}

core::result<login_fields> read_login(const service::settings& config, const fields& input) {
  auto phone = read_phone_field(config, input);
  if (!phone) return phone.error();
  const auto code = filled_text(input, "code");
  if (!code) return code.error();
  const auto password = filled_text(input, "password");
  if (!password) return password.error();
  if (!code->has_value() && !password->has_value()) return core::failure(errc::missing_field, "code");
  if (code->has_value() && password->has_value()) return core::failure(errc::invalid_field, "code");
  return login_fields{std::move(*phone), *code, *password};
}

core::result<password_change> read_password_change(const service::settings& config, const fields& input) {
  auto phone = read_phone_field(config, input);
  if (!phone) return phone.error();
  const auto code = input.required("code");
  if (!code) return code.error();
  const auto password = read_password_pair(input);
  if (!password) return password.error();
  if (!password->has_value()) return core::failure(errc::missing_field, "password");
  service::reset_proof proof;
  proof.code = *code;
  return password_change{std::move(*phone), **password, proof};
}

}  // namespace smsauth::dialect::module
