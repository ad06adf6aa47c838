// SMPP 3.4 on the wire, as far as a sender of messages needs it: octets to values and back. No I/O, no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace smsauth::sms::smpp {

inline constexpr std::size_t header_octets = 16;
inline constexpr std::size_t max_pdu_octets = 64 * 1024;  ///< the protocol has no limit; nobody sends more in earnest
inline constexpr std::uint32_t largest_sequence = 0x7FFF'FFFF;
inline constexpr std::uint32_t response_bit = 0x8000'0000;
inline constexpr std::uint8_t version_34 = 0x34;

enum class command : std::uint32_t {
  generic_nack = 0x8000'0000,
  submit_sm = 0x0000'0004,
  submit_sm_resp = 0x8000'0004,
  deliver_sm = 0x0000'0005,
  deliver_sm_resp = 0x8000'0005,
  unbind = 0x0000'0006,
  unbind_resp = 0x8000'0006,
  bind_transceiver = 0x0000'0009,
  bind_transceiver_resp = 0x8000'0009,
  enquire_link = 0x0000'0015,
  enquire_link_resp = 0x8000'0015,
  alert_notification = 0x0000'0102,
};

namespace tag {
inline constexpr std::uint16_t receipted_message_id = 0x001E;  ///< C-octet string
inline constexpr std::uint16_t sc_interface_version = 0x0210;  ///< one octet
inline constexpr std::uint16_t network_error_code = 0x0423;    ///< kind of network, then 16 bits
inline constexpr std::uint16_t message_payload = 0x0424;       ///< a text that short_message has no room for
inline constexpr std::uint16_t message_state = 0x0427;         ///< one octet
}  // namespace tag

/// An optional parameter.
struct tlv {
  std::uint16_t tag = 0;
  std::string value;
  bool operator==(const tlv&) const = default;
};

/// The value of the first one with that tag.
std::optional<std::string_view> find(const std::vector<tlv>& all, std::uint16_t tag) noexcept;

struct address {
  std::uint8_t ton = 0;  ///< type of number: 1 international, 3 network-specific (short codes), 5 alphanumeric
  std::uint8_t npi = 0;  ///< numbering plan: 1 E.164
  std::string text;      ///< at most 20 octets
  bool operator==(const address&) const = default;
};

struct bind_request {
  std::string system_id;    ///< at most 15 octets
  std::string password;     ///< at most 8
  std::string system_type;  ///< at most 12
  std::uint8_t interface_version = version_34;
  address range;  ///< which numbers are ours to receive for: at most 40 octets, empty = the account's
  bool operator==(const bind_request&) const = default;
};

struct bind_reply {
  std::string system_id;  ///< of the SMSC
  std::vector<tlv> options;
  bool operator==(const bind_reply&) const = default;
};

/// The body of submit_sm and of deliver_sm.
struct short_message {
  std::string service_type;  ///< at most 5 octets
  address source;
  address destination;
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority = 0;
  std::string schedule_delivery_time;  ///< empty or 16 octets
  std::string validity_period;         ///< empty or 16 octets
  std::uint8_t registered_delivery = 0;
  std::uint8_t replace_if_present = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t default_message_id = 0;
  std::string content;  ///< at most 254 octets
  std::vector<tlv> options;
  bool operator==(const short_message&) const = default;
};

/// The body of submit_sm_resp and deliver_sm_resp.
struct message_reply {
  std::string message_id;  ///< at most 64 octets
  std::vector<tlv> options;
  bool operator==(const message_reply&) const = default;
};

/// monostate: a PDU that is a header only, and the body of a command that is not in the list above.
using pdu_body = std::variant<std::monostate, bind_request, bind_reply, short_message, message_reply>;

struct pdu {
  std::uint32_t id = 0;  ///< a command, or any other number that came
  std::uint32_t status = 0;
  std::uint32_t sequence = 0;
  pdu_body body;

  bool is(command which) const noexcept { return id == static_cast<std::uint32_t>(which); }
  bool is_response() const noexcept { return (id & response_bit) != 0; }
  bool operator==(const pdu&) const = default;
};

inline pdu make_pdu(command id, std::uint32_t sequence, pdu_body body = {}, std::uint32_t status = 0) {
  return {static_cast<std::uint32_t>(id), status, sequence, std::move(body)};
}

/// Throws std::invalid_argument when a field is longer than the protocol has room for, or holds a NUL that it may not.
std::string encode(const pdu& what);

struct pdu_header {
  std::uint32_t length = 0;
  std::uint32_t id = 0;
  std::uint32_t status = 0;
  std::uint32_t sequence = 0;
};

/// Nothing when there are fewer than 16 octets.
std::optional<pdu_header> read_header(std::string_view octets) noexcept;

enum class frame_state : std::uint8_t {
  incomplete,
  whole,       ///< the first header.length octets are one PDU
  bad_length,  ///< less than a header, or more than max_pdu_octets: the stream cannot be followed any further
};
frame_state frame_of(std::string_view received) noexcept;

/// One whole PDU. Nothing when its length is not that of `octets`, a field has no end or too many octets, or an
/// optional parameter is cut off, or something follows the last field. A response without any body is taken: most have
/// one only when their status is 0.
std::optional<pdu> decode(std::string_view octets);

}  // namespace smsauth::sms::smpp
