// Huawei Cloud SMS, batchSendSms v1 (gateways.md section 3.1). The base URL is each application's own.
#pragma once

#include "sms/http_gateway.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace smsauth::sms {

/// Keys: app-key, app-secret, sender, template[.PURPOSE][.LANGUAGE], parameters, sign-name, auth = wsse | aksk, digest
/// = raw | hex (of wsse), status-callback. Throws section_error.
std::unique_ptr<provider> make_huawei(section& keys);

/// PasswordDigest of WSSE, of the raw hash or of its hex text.
std::string huawei_password_digest(std::string_view nonce, std::string_view created, std::string_view secret,
                                   bool of_hex);
/// Authorization of SDK-HMAC-SHA256 for a form. `path` without the slash that is added to it; `date` as X-Sdk-Date.
std::string huawei_sdk_authorization(std::string_view path, std::string_view host, std::string_view date,
                                     std::string_view body, std::string_view key, std::string_view secret);

}  // namespace smsauth::sms
