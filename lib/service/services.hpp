// The door for dialects and operator pages: all services over one shared context.
#pragma once

#include "service/account_service.hpp"
#include "service/session_service.hpp"
#include "service/settings.hpp"
#include "service/verification_service.hpp"

namespace smsauth::service {

class services {
 public:
  services(context& shared, const settings& config)
      : shared_(shared), config_(config), verifications_(shared), sessions_(shared), accounts_(shared) {}

  const settings& config() const noexcept { return config_; }
  verification_service& verifications() noexcept { return verifications_; }
  session_service& sessions() noexcept { return sessions_; }
  account_service& accounts() noexcept { return accounts_; }

  /// False: a send would be refused as busy, and need not be read first. A hint. Any thread.
  bool takes_sends() const;

 private:
  const context& shared_;
  const settings& config_;
  verification_service verifications_;
  session_service sessions_;
  account_service accounts_;
};

}  // namespace smsauth::service
