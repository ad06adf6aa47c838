// Vonage SMS API (gateways.md section 3.3).
#pragma once

#include "sms/http_gateway.hpp"
#include "sms/url_encoding.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace smsauth::sms {

inline constexpr std::string_view vonage_base_url = "https://rest.nexmo.com";

/// Keys: api-key, from, and either api-secret or signature-secret with signature = sha256 | md5hash | md5 | sha1 |
/// sha512; with the latter requests are signed and receipts must be. callback. Throws section_error.
std::unique_ptr<provider> make_vonage(section& keys);

/// sig over all fields but sig itself, in lower-case hex. `algorithm` is one of the above.
std::string vonage_signature(std::string_view algorithm, const sorted_fields& fields, std::string_view secret);

}  // namespace smsauth::sms
