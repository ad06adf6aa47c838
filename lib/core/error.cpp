#include "core/error.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace smsauth::core {

namespace {

constexpr std::array names{
    std::string_view{"malformed_request"},
    std::string_view{"unsupported_media_type"},
    std::string_view{"missing_field"},
    std::string_view{"invalid_field"},
    std::string_view{"invalid_phone"},
    std::string_view{"country_not_allowed"},
    std::string_view{"wrong_code"},
    std::string_view{"phone_locked"},
    std::string_view{"send_too_soon"},
    std::string_view{"send_limited"},
    std::string_view{"already_registered"},
    std::string_view{"not_registered"},
    std::string_view{"registration_closed"},
    std::string_view{"account_banned"},
    std::string_view{"account_pending"},
    std::string_view{"account_rejected"},
    std::string_view{"account_ignored"},
    std::string_view{"phone_already_bound"},
    std::string_view{"phone_taken"},
    std::string_view{"same_phone"},
    std::string_view{"proof_required"},
    std::string_view{"grant_required"},
    std::string_view{"invite_invalid"},
    std::string_view{"lookup_limited"},
    std::string_view{"wrong_password"},
    std::string_view{"password_throttled"},
    std::string_view{"password_mismatch"},
    std::string_view{"password_rule"},
    std::string_view{"same_password"},
    std::string_view{"pay_password_mismatch"},
    std::string_view{"pay_password_rule"},
    std::string_view{"same_pay_password"},
    std::string_view{"wrong_pay_password"},
    std::string_view{"pay_password_disabled"},
    std::string_view{"not_authenticated"},
    std::string_view{"invalid_token"},
    std::string_view{"missing_refresh_token"},
    std::string_view{"invalid_refresh_token"},
    std::string_view{"gateway_failed"},
    std::string_view{"busy"},
    std::string_view{"unavailable"},
    std::string_view{"internal"},
};
static_assert(names.size() == static_cast<std::size_t>(errc::count_));

}  // namespace

std::string_view to_string(errc code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  return index < names.size() ? names[index] : std::string_view{"unknown"};
}

void throw_exception_from_error(const failure& error, const boost::source_location& where) {
  // Reached only by value() on a result that holds a failure: a bug in the caller, so say where.
  throw std::logic_error(std::string(to_string(error.code)) + " not handled at " + where.to_string());
}

}  // namespace smsauth::core
