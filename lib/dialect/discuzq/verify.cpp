// POST /api/sms/verify
#include "dialect/discuzq/endpoint.hpp"
#include "dialect/discuzq/errors.hpp"
#include "dialect/discuzq/resources.hpp"

#include <string>
#include <vector>

namespace smsauth::dialect::discuzq {

namespace {

struct verify_fields {
  std::string_view mobile;
  std::string code;
  std::string_view type;
  bool create_if_missing = false;
  std::string invite_code;
  std::string_view password;
  std::string_view pay_password;
  std::string_view pay_password_confirmation;
};

core::result<verify_fields> read_fields(const boost::json::object& attributes) {
  attribute_reader reader(attributes);
  verify_fields fields;
  fields.mobile = reader.text("mobile");
  fields.code = reader.text_or_integer("code");
  fields.type = reader.text("type");
  fields.create_if_missing = reader.truthy("register");
  fields.invite_code = reader.text_or_integer("inviteCode");
  fields.password = reader.text("password");
  fields.pay_password = reader.text("pay_password");
  fields.pay_password_confirmation = reader.text("pay_password_confirmation");
  // WeChat binding: the original silently ignores a token that it does not know, and without WeChat all are unknown.
  for (const char* name : {"token", "js_code", "iv", "encryptedData"})
    reader.text(name);
  if (!reader.sound()) return core::errc::malformed_request;
  return fields;
}

/// What is missing for any type. The pointers are the original's: sms_type and sms_code, not type and code.
std::vector<core::failure> missing_fields(std::string_view mobile, const verify_fields& fields) {
  std::vector<core::failure> missing;
  if (mobile.empty()) missing.emplace_back(core::errc::missing_field, "mobile");
  if (fields.type.empty()) missing.emplace_back(core::errc::missing_field, "sms_type");
  if (fields.code.empty()) missing.emplace_back(core::errc::missing_field, "sms_code");
  return missing;
}

/// What the type needs beside number, type and code. Checked before the code is touched, so that a slip does not burn
/// it.
core::result<void> check_extras(const call& now, core::purpose purpose, const verify_fields& fields) {
  switch (purpose) {
    case core::purpose::bind:
    case core::purpose::rebind:
      if (!now.session) return core::errc::not_authenticated;
      break;
    case core::purpose::reset_password:
      if (fields.password.empty()) return core::failure(core::errc::missing_field, "password");
      break;
    case core::purpose::reset_pay_password:
      if (fields.pay_password.empty()) return core::failure(core::errc::missing_field, "pay_password");
      if (fields.pay_password != fields.pay_password_confirmation) return core::errc::pay_password_mismatch;
      break;
    default:
      break;
  }
  return {};
}

http::awaitable<http::response> log_in(const site& here, call& now, const verify_fields& fields,
                                       const core::phone_number& phone) {
  service::code_login_request request(phone, fields.code);
  request.create_if_missing = fields.create_if_missing;
  request.invite_code = fields.invite_code;
  request.want_bind_token = true;
  const auto outcome = co_await here.services.accounts().login_by_code(now.who, request);
  if (!outcome) co_return refuse(now.request, outcome.error());
  if (!outcome->session) {
    now.request.event->outcome = core::to_string(core::errc::not_registered);
    co_return unknown_number_response(here.services.config().discuzq_unknown_number_code, outcome->bind_token);
  }
  co_return token_response(outcome->session->account.uid, outcome->session->tokens);
}

/// Every type but login: consumes the code and returns the account as it is then. Precondition: check_extras passed.
http::awaitable<core::result<core::account>> change_account(const site& here, const call& now, core::purpose purpose,
                                                            const verify_fields& fields,
                                                            const core::phone_number& phone) {
  service::account_service& accounts = here.services.accounts();
  switch (purpose) {
    case core::purpose::bind: {
      auto account = co_await accounts.bind_phone(now.who, *now.session, phone, fields.code);
      co_return account;
    }
    case core::purpose::rebind: {
      auto account = co_await accounts.rebind_phone(now.who, *now.session, phone, fields.code);
      co_return account;
    }
    case core::purpose::reset_password: {
      service::reset_proof proof;
      proof.code = fields.code;
      auto account = co_await accounts.reset_password(now.who, phone, proof, fields.password);
      co_return account;
    }
    case core::purpose::reset_pay_password: {
      auto account = co_await accounts.reset_pay_password(now.who, *now.session, fields.code, fields.pay_password);
      co_return account;
    }
    case core::purpose::verify: {
      auto account = co_await accounts.prove_own_phone(now.who, *now.session, fields.code);
      co_return account;
    }
    case core::purpose::login:
    case core::purpose::register_account:
      break;
  }
  co_return core::failure(core::errc::internal);
}

}  // namespace

http::awaitable<http::response> serve_verify(const site& here, call& now) {
  const auto fields = read_fields(now.content.attributes);
  if (!fields) co_return refuse(now.request, fields.error());
  const auto purpose = purpose_of_type(fields->type);
  const bool own = purpose && uses_own_number(*purpose);
  const std::string_view mobile = own ? own_number(now) : fields->mobile;

  const auto missing = missing_fields(mobile, *fields);
  if (!missing.empty()) co_return validation_response(now.request, missing);
  // No code was ever sent for a type that does not exist or to a number that cannot be: the one answer for wrong codes.
  if (!purpose) co_return refuse(now.request, core::errc::wrong_code);
  const service::settings& config = here.services.config();
  const auto phone =
      own ? core::stored_phone(mobile) : core::parse_phone(mobile, config.default_country_code, config.phones);
  if (!phone) co_return refuse(now.request, core::errc::wrong_code);

  const auto extras = check_extras(now, *purpose, *fields);
  if (!extras) co_return refuse(now.request, extras.error());
  if (*purpose == core::purpose::login) {
    auto reply = co_await log_in(here, now, *fields, *phone);
    co_return reply;
  }
  const auto account = co_await change_account(here, now, *purpose, *fields, *phone);
  if (!account) co_return refuse(now.request, account.error());
  co_return user_response(*account, config);
}

}  // namespace smsauth::dialect::discuzq
