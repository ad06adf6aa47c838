// A message as the submit_sm that carry it, and what an SMSC's status says about it.
#pragma once

#include "sms/gateway.hpp"
#include "sms/smpp/pdu.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace smsauth::sms::smpp {

inline constexpr std::size_t largest_alphanumeric_sender = 11;  ///< characters, as phones show them

/// The sender's type by its form: letters 5/0, "+" or more than 8 digits 1/1 (written without "+"), fewer digits 3/0.
/// Nothing when it is none of these: empty, more than 11 characters with a letter, more than 20 digits, not ASCII.
std::optional<address> sender_address(std::string_view text);

/// The submit_sm of each part in order, all for the same receipt; or why there can be none. `reference` joins the parts
/// of one message and should differ from that of other messages to the number. `now` sets the validity period: what is
/// left until the deadline, at least a second; none for deadline 0.
///
/// rejected: bad_number "number" (not E.164), permanent "expired", content_or_template "too_long" (more than 255
/// parts).
std::variant<std::vector<short_message>, outcome> make_submits(const message& what, const address& source,
                                                               core::epoch_ms now, std::uint8_t reference);

namespace status {
inline constexpr std::uint32_t ok = 0x00;
inline constexpr std::uint32_t invalid_command_length = 0x02;
inline constexpr std::uint32_t invalid_command = 0x03;
inline constexpr std::uint32_t invalid_bind_status = 0x04;
inline constexpr std::uint32_t already_bound = 0x05;
inline constexpr std::uint32_t system_error = 0x08;
inline constexpr std::uint32_t bind_failed = 0x0D;
inline constexpr std::uint32_t invalid_password = 0x0E;
inline constexpr std::uint32_t invalid_system_id = 0x0F;
inline constexpr std::uint32_t queue_full = 0x14;
inline constexpr std::uint32_t throttled = 0x58;
inline constexpr std::uint32_t unknown_error = 0xFF;
}  // namespace status

/// Of a submit_sm_resp or a generic_nack; `command_status` is not 0.
rejection rejection_of(std::uint32_t command_status) noexcept;
/// Of a refused bind: what is not a temporary trouble of the SMSC is one of our account or configuration.
rejection bind_rejection_of(std::uint32_t command_status) noexcept;
/// Eight lower-case hexadecimal digits.
std::string status_code(std::uint32_t command_status);

}  // namespace smsauth::sms::smpp
