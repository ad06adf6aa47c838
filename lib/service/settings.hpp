// What the services need of the configuration, as plain data. app/options fills it.
#pragma once

#include "core/account.hpp"
#include "core/limits.hpp"
#include "core/phone_number.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace smsauth::service {

enum class registration_mode : std::uint8_t { open, approval, closed };

struct settings {
  core::code_limits codes;
  core::password_limits passwords;
  core::session_limits sessions;
  core::phone_policy phones;
  int default_country_code = 86;
  bool address_limits = true;    ///< off in dev
  bool uniform_answers = false;  ///< strict: replies do not tell who is registered
  bool code_echo = false;        ///< dev, loopback and spool/log gateway only
  registration_mode registration = registration_mode::open;
  bool v4_register_code_optional = false;
  bool v4_get_with_secrets = true;  ///< strict: v4 takes secrets by POST only
  std::string username_prefix = "u_";
  std::string public_url;  ///< "https://api.example.com", without a slash at its end: iss of tokens
  std::string module_prefix = "/module/main";
  bool discuzq_rs256 = false;  ///< RS256 instead of ES256
  std::string discuzq_unknown_number_code = "no_bind_user";
  std::vector<std::string> discuzq_cors_origins;
  std::string avatar_url;  ///< shown for accounts without an avatar; may be empty
  core::social_circle default_circle;
  std::uint32_t argon2_memory_kib = 19456;
  std::uint32_t argon2_iterations = 2;
};

}  // namespace smsauth::service
