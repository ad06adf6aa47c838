#include "sms/receipt.hpp"

#include <algorithm>

namespace smsauth::sms {

std::string_view to_string(delivery_state value) noexcept {
  switch (value) {
    case delivery_state::intermediate:
      return "intermediate";
    case delivery_state::delivered:
      return "delivered";
    case delivery_state::failed:
      return "failed";
    case delivery_state::expired:
      return "expired";
    case delivery_state::unknown:
      break;
  }
  return "unknown";
}

bool is_final(delivery_state value) noexcept {
  return value == delivery_state::delivered || value == delivery_state::failed || value == delivery_state::expired;
}

std::string_view receipt_call::header(std::string_view name) const noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const auto& [field, value] : headers) {
    if (std::equal(field.begin(), field.end(), name.begin(), name.end(),
                   [&](char a, char b) { return lower(a) == lower(b); }))
      return value;
  }
  return {};
}

}  // namespace smsauth::sms
