// Tencent Cloud SMS, SendSms of 2021-01-11 (gateways.md section 2), signed by TC3-HMAC-SHA256.
#pragma once

#include "sms/http_gateway.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace smsauth::sms {

inline constexpr std::string_view tencent_base_url = "https://sms.tencentcloudapi.com";

/// Keys: secret-id, secret-key, token, app-id, sign-name, template[.PURPOSE][.LANGUAGE], parameters, region. Throws
/// section_error.
std::unique_ptr<provider> make_tencent(section& keys);

struct tc3_request {
  std::string_view service;            ///< "sms"
  std::string_view path = "/";         ///< as it is sent
  std::string_view canonical_headers;  ///< "name:value\n" each, names in lower case, sorted
  std::string_view signed_headers;     ///< "content-type;host"
  std::string_view body;
  std::int64_t timestamp = 0;  ///< seconds since 1970
};

/// The Authorization field (section 2.2).
std::string tc3_authorization(const tc3_request& what, std::string_view secret_id, std::string_view secret_key);

}  // namespace smsauth::sms
