// Lines at the end of a message by which a phone fills the code into a page or an app by itself.
//
// Web pages: WICG "Origin-bound one-time codes delivered via SMS". Android apps: the SMS Retriever's hash. Providers
// with approved templates refuse or change such lines: for gateways that send the whole text only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::sms {

/// "@host #code", perhaps " %embedded": what a browser reads from a message.
struct origin_bound_code {
  std::string host;
  std::string code;
  std::string embedded;  ///< of a frame from another host; "" when there is none

  friend bool operator==(const origin_bound_code&, const origin_bound_code&) = default;
};

/// A host name that may stand in the line: labels of letters, digits and "-" with dots between them; no scheme, no
/// port.
bool is_autofill_host(std::string_view host) noexcept;

/// `text`, an empty line, and "@host #code" as the last line, with no line end behind it. Line ends at the end of
/// `text` are dropped. Throws std::invalid_argument when a host is none, or the code is empty or has white space.
std::string with_origin_bound_code(std::string_view text, const origin_bound_code& what);

/// By the specification's own steps: from the last line alone, whatever follows the fields being ignored.
std::optional<origin_bound_code> parse_origin_bound_code(std::string_view message);

inline constexpr std::size_t android_hash_length = 11;
/// The longest message that the SMS Retriever reads.
inline constexpr std::size_t sms_retriever_bytes = 140;

/// 11 characters that name an app to the SMS Retriever: its package and the certificate that it is signed with (DER).
std::string android_app_hash(std::string_view package, std::string_view certificate_der);

/// 11 characters of base 64: what android_app_hash could have made.
bool is_android_app_hash(std::string_view text) noexcept;

/// Whether the SMS Retriever reads a message of this text: at most 140 bytes on air, two for each UTF-16 unit where the
/// text needs UCS-2, else one for each septet (Google's guide counts characters there, not packed octets).
bool fits_sms_retriever(std::string_view text);

struct autofill_settings {
  std::string host;          ///< of the page; "" = no line for browsers
  std::string embedded;      ///< of a frame in it; mostly ""
  std::string android_hash;  ///< "" = no line for Android apps
};

/// `text` with the lines that `settings` ask for: the hash first, as the browsers' line must be the last one. The hash
/// is left out when the whole would be too long for the SMS Retriever: it would cost and do nothing. Throws
/// std::invalid_argument for settings or a code that cannot stand in their line.
std::string autofill_text(std::string_view text, std::string_view code, const autofill_settings& settings);

}  // namespace smsauth::sms
