// Delivery receipts as SMPP brings them: a deliver_sm with optional parameters, or with nothing but a text that every
// SMSC writes a little differently.
#pragma once

#include "sms/receipt.hpp"
#include "sms/smpp/pdu.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::sms::smpp {

/// "id:… sub:001 dlvrd:001 submit date:… done date:… stat:DELIVRD err:000 text:…" (SMPP 3.4, appendix B). A field that
/// is missing is empty.
struct receipt_fields {
  std::string_view id, sub, dlvrd, submit_date, done_date, stat, err, text;
};

/// Keys in any case and order; a value ends at a space, that of "text:" at the end. The first occurrence of a key wins,
/// and nothing within the text counts: it is our own message, or a user's, and may look like keys.
receipt_fields read_receipt_text(std::string_view text) noexcept;

/// Some SMSCs write the same number as hexadecimal in submit_sm_resp and as decimal in the receipt, or the other way.
enum class receipt_id : std::uint8_t {
  opaque,   ///< both alike: compared as they are
  hex,      ///< receipts in hexadecimal, submit_sm_resp in decimal
  decimal,  ///< receipts in decimal, submit_sm_resp in hexadecimal
};

/// The one form in which both ids are kept: decimal without leading zeros. An opaque id, and one that is not a number
/// of up to 64 bits in the base it should have, stays as it is, with "?" for each octet that is not printable ASCII.
std::string submitted_id(std::string_view id, receipt_id form);
std::string receipted_id(std::string_view id, receipt_id form);

/// Nothing when `what` is no receipt (a user's message is never read as one, whatever its text) or names no message.
/// Optional parameters count before the text. `at` is 0: the text's dates have no time zone.
std::optional<receipt> read_receipt(const short_message& what, receipt_id form);

}  // namespace smsauth::sms::smpp
