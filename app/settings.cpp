#include "app/settings.hpp"

namespace smsauth::app {

std::string_view to_string(profile value) noexcept {
  switch (value) {
    case profile::dev:
      return "dev";
    case profile::standard:
      return "standard";
    case profile::strict:
      return "strict";
  }
  return "?";
}

std::string listen_address::text() const {
  const std::string host = address.to_string();
  return (address.is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace smsauth::app
