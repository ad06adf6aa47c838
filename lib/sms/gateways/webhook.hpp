// An HTTP hook of the operator's own, signed as Standard Webhooks say (gateways.md section 3.5).
//
// One POST per message, JSON:
//   {"id", "to", "purpose", "code", "text", "language", "expires_at"}      expires_at in seconds since 1970
// with webhook-id (the message's id, the same for every try), webhook-timestamp and webhook-signature. 2xx = accepted;
// its body may be {"message_id":"..."}, else our own id is the provider's. A refusal may name its class:
// {"error":{"class":"bad_number"}}, as in lib/sms/gateway.hpp.
//
// Receipts come to /receipts/NAME/SECRET, signed with the same secret: {"message_id", "state", "error_code", "at"} or
// an array of them; state is delivered, failed, expired or intermediate, at in seconds.
#pragma once

#include "sms/http_gateway.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::sms {

/// Keys: secret (whsec_BASE64; several separated by "|", the first new, the rest still known). The target is the path
/// of base-url. Throws section_error.
std::unique_ptr<provider> make_webhook(section& keys);

/// The key of "whsec_BASE64" or "v1,whsec_BASE64": 24 to 64 bytes, else nothing.
std::optional<std::string> webhook_key(std::string_view secret);
/// "v1,BASE64" over id.timestamp.body.
std::string webhook_signature(std::string_view id, std::int64_t timestamp, std::string_view body, std::string_view key);

}  // namespace smsauth::sms
