// Yunpian v2, single_send and tpl_single_send (gateways.md section 3.4). The key stands in the body.
#pragma once

#include "sms/http_gateway.hpp"
#include "sms/url_encoding.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace smsauth::sms {

inline constexpr std::string_view yunpian_base_url = "https://sms.yunpian.com";

/// Keys: api-key, mode = text | template, sign (put before texts that have none), template[.PURPOSE][.LANGUAGE],
/// code-variable, callback-url. Throws section_error.
std::unique_ptr<provider> make_yunpian(section& keys);

/// The value of tpl_value, before the form encodes it once more.
std::string yunpian_template_value(const wire_fields& values);

}  // namespace smsauth::sms
