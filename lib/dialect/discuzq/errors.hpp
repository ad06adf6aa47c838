// Failures as Discuz! Q clients know them: {"errors":[{"status":…,"code":…}]}.
//
// Clients of this dialect look at three things: the HTTP status (a wrong code must be 500), the JSON type of "status"
// (one of them compares strings, but some codes carry an integer), and detail[0].
#pragma once

#include "core/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace smsauth::dialect::discuzq {

/// Without a charset, for successes and errors alike: JSON:API forbids parameters on it.
inline constexpr std::string_view json_api_content_type = "application/vnd.api+json";

/// JSON type of the member "status".
enum class status_type : std::uint8_t { text, integer };

/// What stands in an error object beside status and code.
enum class error_shape : std::uint8_t {
  plain,      ///< nothing
  detail,     ///< "detail": [text]
  attribute,  ///< "detail": [text] and "source": {"pointer": "/data/attributes/…"}
  oauth,      ///< "detail": {error, error_description, hint, message}
  gateway,    ///< no code; "gateway", "status": "failure", "detail": [text]
};

struct error_row {
  core::errc error;
  int http_status;
  status_type status;
  std::string_view code;
  error_shape shape = error_shape::plain;
  std::string_view text = {};       ///< "{}" stands for the seconds to wait; of shape oauth: the hint
  std::string_view attribute = {};  ///< empty: failure::field names it
};

/// The row of a failure; every errc has one.
const error_row& row_of(core::errc error) noexcept;

/// The reply for a failure, with Retry-After where the failure has one.
http::response error_response(const core::failure& error);

/// The same, and notes the outcome for the log.
http::response refuse(http::request& request, const core::failure& error);

/// Several attributes at once: 422 with one object for each, in the order given. Precondition: failures with shape
/// `attribute`.
http::response validation_response(http::request& request, std::span<const core::failure> failures);

/// The right code for a number without an account: 400 with the token that /api/register and /api/login take as
/// mobileToken. `code` is a setting: clients disagree about its name.
http::response unknown_number_response(std::string_view code, std::string_view token);

/// `?include=` where nothing can be included. Clients compare the whole text, so the names stand in it; names with
/// other characters than a client's are left out.
http::response invalid_include_response(std::string_view names);

/// Failures outside a handler (no such path, wrong method, too large, too late).
http::response edge_response(int status, const core::failure& error, const http::request& where);

}  // namespace smsauth::dialect::discuzq
