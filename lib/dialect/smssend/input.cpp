#include "dialect/smssend/input.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <utility>

namespace smsauth::dialect::smssend {

using core::errc;
using service::account_condition;

namespace {

struct send_type {
  std::int64_t number;
  core::purpose purpose;
  account_condition condition;
};

constexpr std::array send_types{
    send_type{1, core::purpose::register_account, account_condition::must_not_exist},
    send_type{2, core::purpose::reset_password, account_condition::must_exist},
    send_type{3, core::purpose::login, account_condition::any},
    send_type{4, core::purpose::bind, account_condition::any},
    send_type{5, core::purpose::rebind, account_condition::any},
    send_type{6, core::purpose::reset_pay_password, account_condition::any},
    send_type{7, core::purpose::verify, account_condition::any},
};

core::result<void> check_ignored(const fields& input, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto value = input.text(name); !value) return value.error();
  }
  return {};
}

/// `mobile`, with or without its country code, and the field `code_name`, which may be absent.
core::result<core::phone_number> read_mobile(const service::settings& config, const fields& input,
                                             std::string_view code_name) {
  const auto mobile = input.required("mobile");
  if (!mobile) return mobile.error();
  const auto country_code = input.text(code_name);
  if (!country_code) return country_code.error();
  return read_phone(*mobile, country_code->value_or(""), config);
}

/// `type` of reSetPass: 2, as in doSend.
constexpr std::int64_t reset_password_type = 2;

/// A password and its repetition.
core::result<std::string_view> read_new_password(const fields& input, std::string_view name, std::string_view again) {
  const auto password = input.required(name);
  if (!password) return password.error();
  const auto repeated = input.required(again);
  if (!repeated) return repeated.error();
  if (*password != *repeated) return errc::password_mismatch;
  return *password;
}

}  // namespace

core::result<fields> read_fields(const http::request& request, const core::http_limits& limits) {
  return fields::read(request, field_sources{false, true}, limits);
}

core::result<service::send_request> read_send(const service::settings& config, const fields& input) {
  if (const auto fine = check_ignored(input, {"uuid", "username"}); !fine) return fine.error();
  auto phone = read_mobile(config, input, "internationalCode");
  if (!phone) return phone.error();
  const auto type = input.integer("type");
  if (!type) return type.error();
  if (!type->has_value()) return core::failure(errc::missing_field, "type");
  for (const send_type& candidate : send_types) {
    if (candidate.number == **type) {
      return service::send_request(std::move(*phone), candidate.purpose, candidate.condition);
    }
  }
  return core::failure(errc::invalid_field, "type");
}

core::result<core::phone_number> read_user_exists(const service::settings& config, const fields& input) {
  if (const auto fine = check_ignored(input, {"username"}); !fine) return fine.error();
  return read_mobile(config, input, "internationalcode");
}

core::result<void> check_country_question(const fields& input) {
  return check_ignored(input, {"cache"});
}

core::result<service::registration_request> read_registration(const service::settings& config, const fields& input) {
  const auto fine = check_ignored(
      input, {"username", "country_code", "set_lang", "imgid", "imgtype", "imgcode", "web_reg_url", "deviceid"});
  if (!fine) return fine.error();
  auto phone = read_mobile(config, input, "internationalcode");
  if (!phone) return phone.error();
  const auto code = input.required("mobilecode");
  if (!code) return code.error();
  const auto password = read_new_password(input, "pass", "passcheck");
  if (!password) return password.error();
  const auto pay_password = input.text("transpw");
  if (!pay_password) return pay_password.error();
  service::registration_request wanted(std::move(*phone), *code);
  wanted.password = *password;
  wanted.pay_password = pay_password->value_or("");
  wanted.open_session = false;  // the client logs in afterwards
  return wanted;
}

core::result<service::password_login_request> read_login(const service::settings& config, const fields& input) {
  if (const auto fine = check_ignored(input, {"username", "platform"}); !fine) return fine.error();
  auto phone = read_mobile(config, input, "internationalcode");
  if (!phone) return phone.error();
  const auto password = input.required("pass");
  if (!password) return password.error();
  const auto device = stored_text(input, "deviceid", max_device_length);
  if (!device) return device.error();
  service::password_login_request wanted(std::move(*phone), *password);
  wanted.device_id = *device;
  return wanted;
}

core::result<password_change> read_password_change(const service::settings& config, const fields& input) {
  if (const auto fine = check_ignored(input, {"username", "uuid"}); !fine) return fine.error();
  auto phone = read_mobile(config, input, "internationalcode");
  if (!phone) return phone.error();
  const auto type = input.integer("type");
  if (!type) return type.error();
  if (type->value_or(reset_password_type) != reset_password_type) return core::failure(errc::invalid_field, "type");
  const auto code = input.required("code");
  if (!code) return code.error();
  const auto password = read_new_password(input, "newpass", "newpassck");
  if (!password) return password.error();
  service::reset_proof proof;
  proof.code = *code;
  return password_change{std::move(*phone), *password, proof};
}

}  // namespace smsauth::dialect::smssend
