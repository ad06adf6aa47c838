// Comparing secrets without telling by time where they differ (OTP-12, ASVS 11.2.4).
#pragma once

#include <string_view>

namespace smsauth::crypto {

/// a == b in time that depends on the lengths alone. Texts of different length are unequal at once: the lengths of
/// codes, MACs and tokens are public.
bool equal(std::string_view a, std::string_view b) noexcept;

}  // namespace smsauth::crypto
