#include "sms/smpp/submit.hpp"

#include "sms/segments.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace smsauth::sms::smpp {

namespace {

constexpr std::uint8_t ton_international = 1;
constexpr std::uint8_t ton_network_specific = 3;
constexpr std::uint8_t ton_alphanumeric = 5;
constexpr std::uint8_t npi_none = 0;
constexpr std::uint8_t npi_e164 = 1;
constexpr std::size_t longest_short_code = 8;
constexpr std::size_t longest_sender_digits = 20;
constexpr std::size_t longest_number = 15;  ///< digits of E.164

constexpr std::uint8_t esm_header_present = 0x40;
constexpr std::uint8_t receipt_when_final = 1;
constexpr std::uint8_t coding_default = 0;  ///< the SMSC's own alphabet: GSM 03.38 with nearly all of them
constexpr std::uint8_t coding_ucs2 = 8;

constexpr std::int64_t longest_validity_seconds = 30 * 24 * 3600;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::optional<address> destination_of(std::string_view number) {
  if (number.empty() || number.front() != '+') return std::nullopt;
  number.remove_prefix(1);
  if (!all_digits(number) || number.size() > longest_number) return std::nullopt;
  return address{ton_international, npi_e164, std::string(number)};
}

/// "YYMMDDhhmmss000R": from now on, for so long (SMPP 3.4, 7.1.1.2).
std::string relative_time(std::int64_t seconds) {
  const std::int64_t whole = std::clamp<std::int64_t>(seconds, 1, longest_validity_seconds);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "0000%02d%02d%02d%02d000R", static_cast<int>(whole / 86'400),
                static_cast<int>(whole / 3'600 % 24), static_cast<int>(whole / 60 % 60), static_cast<int>(whole % 60));
  return text.data();
}

/// The user data header of one part: concatenated messages with an 8-bit reference (3GPP TS 23.040, 9.2.3.24.1).
std::string part_header(std::uint8_t reference, std::size_t total, std::size_t number) {
  std::string header("\x05\x00\x03", 3);
  header += static_cast<char>(reference);
  header += static_cast<char>(total);
  header += static_cast<char>(number);
  return header;
}

}  // namespace

std::optional<address> sender_address(std::string_view text) {
  const bool plus = !text.empty() && text.front() == '+';
  const std::string_view digits = text.substr(plus ? 1 : 0);
  if (all_digits(digits)) {
    if (digits.size() > longest_sender_digits) return std::nullopt;
    const bool international = plus || digits.size() > longest_short_code;
    return address{international ? ton_international : ton_network_specific, international ? npi_e164 : npi_none,
                   std::string(digits)};
  }
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (text.empty() || plus || !printable || text.size() > largest_alphanumeric_sender) return std::nullopt;
  return address{ton_alphanumeric, npi_none, std::string(text)};
}

std::variant<std::vector<short_message>, outcome> make_submits(const message& what, const address& source,
                                                               core::epoch_ms now, std::uint8_t reference) {
  const auto destination = destination_of(what.to);
  if (!destination) return outcome::rejected(rejection::bad_number, "number");
  if (what.deadline != 0 && what.deadline <= now) return outcome::rejected(rejection::permanent, "expired");
  const sms_encoding encoding = count_segments(what.text).encoding;
  const std::vector<std::string> parts = split_segments(what.text, encoding);
  if (parts.size() > max_parts) return outcome::rejected(rejection::content_or_template, "too_long");

  short_message common;
  common.source = source;
  common.destination = *destination;
  common.registered_delivery = receipt_when_final;
  common.data_coding = encoding == sms_encoding::gsm7 ? coding_default : coding_ucs2;
  if (what.deadline != 0) common.validity_period = relative_time((what.deadline - now) / core::ms_per_second);
  std::vector<short_message> all(parts.size(), common);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts.size() > 1) {
      all[i].esm_class = esm_header_present;
      all[i].content = part_header(reference, parts.size(), i + 1);
    }
    all[i].content += parts[i];
  }
  return all;
}

rejection rejection_of(std::uint32_t command_status) noexcept {
  switch (command_status) {
    case status::throttled:
    case status::queue_full:
    case status::system_error:
    case 0x64:  // the receiving application asks for a later try
      return rejection::retry_later;
    case 0x0B:  // destination address
    case 0x50:  // its type
    case 0x51:  // its numbering plan
      return rejection::bad_number;
    case 0x01:   // message length
    case 0x0A:   // source address
    case 0x43:   // esm_class
    case 0x45:   // submit failed
    case 0x48:   // source type
    case 0x49:   // source numbering plan
    case 0x62:   // validity period
    case 0x104:  // data coding
      return rejection::content_or_template;
    case status::invalid_bind_status:
    case status::already_bound:
    case status::bind_failed:
    case status::invalid_password:
    case status::invalid_system_id:
      return rejection::auth_config;
    default:  // among them 0x02 and 0x03: the two of us do not speak the same protocol
      return rejection::permanent;
  }
}

rejection bind_rejection_of(std::uint32_t command_status) noexcept {
  const rejection why = rejection_of(command_status);
  return why == rejection::retry_later ? why : rejection::auth_config;
}

std::string status_code(std::uint32_t command_status) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(command_status));
  return text.data();
}

}  // namespace smsauth::sms::smpp
