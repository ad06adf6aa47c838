// What a one-time code is for. A code issued for one purpose fails in every other (OTP-07).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace smsauth::core {

enum class purpose : std::uint8_t { login, register_account, bind, rebind, reset_password, reset_pay_password, verify };

inline constexpr std::array all_purposes{purpose::login,  purpose::register_account, purpose::bind,
                                         purpose::rebind, purpose::reset_password,   purpose::reset_pay_password,
                                         purpose::verify};

/// The name in the database, the spool and the logs: login register bind rebind reset_password reset_pay_password
/// verify.
std::string_view to_string(purpose value) noexcept;
std::optional<purpose> parse_purpose(std::string_view name) noexcept;

/// The four API dialects; also the name of the dialect's folder, log field and metric label.
enum class dialect : std::uint8_t { discuzq, v4, smssend, module };
std::string_view to_string(dialect value) noexcept;

}  // namespace smsauth::core
