#include "core/purpose.hpp"

namespace smsauth::core {

std::string_view to_string(purpose value) noexcept {
  switch (value) {
    case purpose::login:
      return "login";
    case purpose::register_account:
      return "register";
    case purpose::bind:
      return "bind";
    case purpose::rebind:
      return "rebind";
    case purpose::reset_password:
      return "reset_password";
    case purpose::reset_pay_password:
      return "reset_pay_password";
    case purpose::verify:
      return "verify";
  }
  return "unknown";
}

std::optional<purpose> parse_purpose(std::string_view name) noexcept {
  for (const purpose candidate : all_purposes) {
    if (to_string(candidate) == name) return candidate;
  }
  return std::nullopt;
}

std::string_view to_string(dialect value) noexcept {
  switch (value) {
    case dialect::discuzq:
      return "discuzq";
    case dialect::v4:
      return "v4";
    case dialect::smssend:
      return "smssend";
    case dialect::module:
      return "module";
  }
  return "unknown";
}

}  // namespace smsauth::core
