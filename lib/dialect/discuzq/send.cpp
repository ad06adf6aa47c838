// POST /api/sms/send
#include "dialect/discuzq/endpoint.hpp"
#include "dialect/discuzq/errors.hpp"
#include "dialect/discuzq/resources.hpp"

#include <utility>
#include <vector>

namespace smsauth::dialect::discuzq {

namespace {

struct send_fields {
  std::string_view mobile;
  std::string_view type;
};

core::result<send_fields> read_fields(const boost::json::object& attributes) {
  attribute_reader reader(attributes);
  send_fields fields;
  fields.mobile = reader.text("mobile");
  fields.type = reader.text("type");
  // Clients send both also where no captcha is asked for; nothing reads them, but their type must be right.
  reader.text("captcha_ticket");
  reader.text("captcha_rand_str");
  if (!reader.sound()) return core::errc::malformed_request;
  return fields;
}

service::account_condition condition_of(core::purpose purpose) noexcept {
  switch (purpose) {
    case core::purpose::bind:
    case core::purpose::rebind:
      return service::account_condition::must_not_exist;
    case core::purpose::reset_password:
      return service::account_condition::must_exist;
    default:
      return service::account_condition::any;
  }
}

bool needs_session(core::purpose purpose) noexcept {
  return purpose == core::purpose::bind || purpose == core::purpose::rebind || uses_own_number(purpose);
}

/// Does a code of this purpose work for the asking session alone (OTP-08)?
bool is_bound_to_session(core::purpose purpose) noexcept {
  return purpose == core::purpose::rebind || uses_own_number(purpose);
}

/// Where the code goes, as far as the request and its session tell.
core::result<core::phone_number> recipient(const service::settings& config, const call& now, core::purpose purpose,
                                           std::string_view mobile) {
  const std::string_view own = own_number(now);
  if (uses_own_number(purpose)) {
    if (own.empty()) return core::failure(core::errc::missing_field, "mobile");
    return core::stored_phone(own);
  }
  if (needs_session(purpose) && !now.session) return core::errc::not_authenticated;
  if (purpose == core::purpose::bind && !own.empty()) return core::errc::phone_already_bound;
  if (mobile.empty()) return core::failure(core::errc::missing_field, "mobile");
  return core::parse_phone(mobile, config.default_country_code, config.phones);
}

/// A rebind needs the old number's proof and another number than that.
http::awaitable<core::result<void>> check_rebind(const site& here, const call& now, const core::phone_number& phone) {
  const auto proved = co_await here.services.accounts().has_rebind_proof(*now.session);
  if (!proved) co_return proved.error();
  if (!*proved) co_return core::failure(core::errc::proof_required);
  if (phone.e164() == own_number(now)) co_return core::failure(core::errc::same_phone);
  co_return core::result<void>();
}

/// The answer when there is no such type. Both attributes are reported in one reply, in this order.
http::response refuse_type(http::request& request, const send_fields& fields) {
  std::vector<core::failure> failures;
  if (fields.mobile.empty()) failures.emplace_back(core::errc::missing_field, "mobile");
  failures.emplace_back(fields.type.empty() ? core::errc::missing_field : core::errc::invalid_field, "type");
  return validation_response(request, failures);
}

}  // namespace

http::awaitable<http::response> serve_send(const site& here, call& now) {
  const auto fields = read_fields(now.content.attributes);
  if (!fields) co_return refuse(now.request, fields.error());
  const auto purpose = purpose_of_type(fields->type);
  if (!purpose) co_return refuse_type(now.request, *fields);

  auto phone = recipient(here.services.config(), now, *purpose, fields->mobile);
  if (!phone) co_return refuse(now.request, phone.error());
  if (*purpose == core::purpose::rebind) {
    const auto checked = co_await check_rebind(here, now, *phone);
    if (!checked) co_return refuse(now.request, checked.error());
  }

  service::send_request request(std::move(*phone), *purpose, condition_of(*purpose));
  if (is_bound_to_session(*purpose)) request.owner = now.session->owner();
  const auto receipt = co_await here.services.verifications().send(now.who, request);
  if (!receipt) co_return refuse(now.request, receipt.error());
  co_return sent_response(receipt->gap_seconds);
}

}  // namespace smsauth::dialect::discuzq
