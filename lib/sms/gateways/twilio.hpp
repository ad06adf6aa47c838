// Twilio Programmable Messaging, Messages.json of 2010-04-01 (gateways.md section 3.2).
#pragma once

#include "sms/http_gateway.hpp"
#include "sms/url_encoding.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace smsauth::sms {

inline constexpr std::string_view twilio_base_url = "https://api.twilio.com";

/// Keys: account-sid, auth-token, api-key-sid and api-key-secret (instead of the token, for sending), from or
/// messaging-service-sid, status-callback. Throws section_error.
std::unique_ptr<provider> make_twilio(section& keys);

/// What X-Twilio-Signature must be for a form post to `url`, the URL as Twilio called it.
std::string twilio_signature(std::string_view url, const wire_fields& form, std::string_view auth_token);

}  // namespace smsauth::sms
