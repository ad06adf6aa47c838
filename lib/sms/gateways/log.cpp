#include "sms/gateways/log.hpp"

#include "telemetry/log.hpp"

namespace smsauth::sms {

namespace {

void log_message(const message& what) {
  const auto number = core::stored_phone(what.to);
  const std::string masked = number ? number->masked() : "****";
  telemetry::log(telemetry::log_level::info, "message",
                 {{"id", what.id},
                  {"to", masked},
                  {"purpose", core::to_string(what.purpose)},
                  {"dialect", core::to_string(what.dialect)},
                  {"language", what.language}});
}

}  // namespace

awaitable<outcome> log_gateway::send(const message& what) {
  log_message(what);  // a function of its own: no braced lists inside a coroutine (GCC 12)
  outcome result = outcome::accepted(what.id);
  co_return result;
}

}  // namespace smsauth::sms
