// Aliyun SMS, SendSms of 2017-05-25 (gateways.md section 1), signed by ACS3-HMAC-SHA256 or by RPC v1 with HMAC-SHA1.
//
// ACS3 carries the parameters in the query, as the vendor's SDK does, so the code stands in the URL; `signature = rpc`
// posts a form instead. Neither is ever logged here.
#pragma once

#include "sms/http_gateway.hpp"
#include "sms/url_encoding.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace smsauth::sms {

inline constexpr std::string_view aliyun_base_url = "https://dysmsapi.aliyuncs.com";

/// Keys: access-key-id, access-key-secret, security-token, sign-name, template[.PURPOSE][.LANGUAGE], code-variable,
/// region-id, signature = acs3 | rpc. Throws section_error.
std::unique_ptr<provider> make_aliyun(section& keys);

/// base64(HMAC-SHA1) over all parameters but Signature (section 1.2).
std::string aliyun_rpc_signature(std::string_view method, const sorted_fields& parameters, std::string_view secret);

/// The Authorization field over the given headers, names in lower case (section 1.3).
std::string aliyun_acs3_authorization(std::string_view method, std::string_view path, const sorted_fields& query,
                                      const sorted_fields& headers, std::string_view body, std::string_view key_id,
                                      std::string_view secret);

}  // namespace smsauth::sms
