#include "sms/gateway_factory.hpp"

#include "sms/gateways/log.hpp"
#include "sms/gateways/spool.hpp"

namespace smsauth::sms {

std::unique_ptr<gateway> make_gateway(const gateway_settings& settings) {
  switch (settings.type) {
    case gateway_settings::kind::log:
      return std::make_unique<log_gateway>();
    case gateway_settings::kind::spool:
      break;
  }
  return std::make_unique<spool_gateway>(settings.path);
}

}  // namespace smsauth::sms
