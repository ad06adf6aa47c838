#include "sms/gateway_factory.hpp"

#include "sms/gateways/aliyun.hpp"
#include "sms/gateways/huawei.hpp"
#include "sms/gateways/log.hpp"
#include "sms/gateways/smpp.hpp"
#include "sms/gateways/spool.hpp"
#include "sms/gateways/tencent.hpp"
#include "sms/gateways/twilio.hpp"
#include "sms/gateways/vonage.hpp"
#include "sms/gateways/webhook.hpp"
#include "sms/gateways/yunpian.hpp"
#include "sms/http_gateway.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace smsauth::sms {

namespace {

struct http_format {
  std::string_view type;
  std::string_view base_url;  ///< empty: the section must name it
  std::unique_ptr<provider> (*make)(section&);
};

constexpr std::array<http_format, 7> http_formats{{{"aliyun", aliyun_base_url, make_aliyun},
                                                   {"tencent", tencent_base_url, make_tencent},
                                                   {"yunpian", yunpian_base_url, make_yunpian},
                                                   {"huawei", "", make_huawei},
                                                   {"twilio", twilio_base_url, make_twilio},
                                                   {"vonage", vonage_base_url, make_vonage},
                                                   {"webhook", "", make_webhook}}};

}  // namespace

std::unique_ptr<gateway> make_gateway(section& keys, boost::asio::io_context& where, receipt_sink receipts) {
  const std::string type = keys.required_text("type");
  if (type == "spool") return std::make_unique<spool_gateway>(keys.required_text("path"), keys.name());
  if (type == "log") return std::make_unique<log_gateway>(keys.name());
  if (type == "smpp") return make_smpp(keys, where, std::move(receipts));
  for (const http_format& each : http_formats) {
    if (each.type != type) continue;
    auto http = read_http_settings(keys, each.base_url);
    return std::make_unique<http_gateway>(keys.name(), where, std::move(http), each.make(keys));
  }
  throw section_error("type", "expected spool, log, aliyun, tencent, yunpian, huawei, twilio, vonage, webhook or smpp");
}

std::unique_ptr<gateway> make_spool_gateway(const std::string& path) {
  return std::make_unique<spool_gateway>(path);
}

std::unique_ptr<gateway> make_log_gateway() {
  return std::make_unique<log_gateway>();
}

}  // namespace smsauth::sms
