// What the endpoints of v4, smssend and module have in common: their surroundings and how they read fields.
#pragma once

#include "core/error.hpp"
#include "core/limits.hpp"
#include "core/phone_number.hpp"
#include "core/purpose.hpp"
#include "dialect/fields.hpp"
#include "http/request.hpp"
#include "http/router.hpp"
#include "service/caller.hpp"
#include "service/services.hpp"

#include <cstddef>
#include <functional>
#include <string_view>

namespace smsauth::dialect {

// Widths of texts that are stored, in code points; the schema's columns are as wide or wider.
inline constexpr std::size_t max_name_length = 64;
inline constexpr std::size_t max_device_length = 128;
inline constexpr std::size_t max_invite_code_length = 64;

struct flat_endpoint {
  service::services& services;
  const core::http_limits& limits;
  core::dialect dialect;

  const service::settings& config() const noexcept { return services.config(); }
  /// Views into `request`.
  service::caller caller_of(const http::request& request) const;
};

using flat_handler = http::awaitable<http::response> (*)(const flat_endpoint& on, http::request& request);

/// The handler for the router; it keeps the flat_endpoint that `serve` gets.
http::handler bind_endpoint(const flat_endpoint& on, flat_handler serve);

/// For route::admits of an endpoint that sends.
std::function<bool()> takes_sends(const flat_endpoint& on);

/// An optional field that is stored as it is: empty when absent. Errors: invalid_field when it is longer than
/// `max_length` code points or holds a control character, malformed_request.
core::result<std::string_view> stored_text(const fields& input, std::string_view name, std::size_t max_length);

/// A phone field. Text that is not even spelled like one number (letters, separators, "a,b") is malformed_request
/// (SEND-04, security row A11). Other errors as core::parse_phone.
core::result<core::phone_number> read_phone(std::string_view text, std::string_view country_code,
                                            const service::settings& config);
/// The same for dialects that know mainland numbers only: any other country is invalid_phone.
core::result<core::phone_number> read_mainland_phone(std::string_view text, const service::settings& config);

}  // namespace smsauth::dialect
