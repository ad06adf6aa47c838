// The flat parameters of a request of v4, smssend and module, wherever they came from: path, query, urlencoded,
// multipart or JSON body. A name comes once, from one place: given again it is malformed_request (HTTP-09, SEND-04),
// even with the same value, and also when one of them stands where this route does not read. Only a path parameter may
// be repeated, with its own value.
#pragma once

#include "core/error.hpp"
#include "core/limits.hpp"
#include "core/phone_number.hpp"
#include "http/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::dialect {

/// Which places a route reads parameters from.
struct field_sources {
  bool query = false;
  bool body = false;
};

class fields {
 public:
  /// JSON members must be strings, integers, booleans or null at the top level; arrays, objects and fractions are
  /// malformed_request. A GET with a body of "{}" is taken. Errors: malformed_request, unsupported_media_type.
  static core::result<fields> read(const http::request& request, field_sources sources,
                                   const core::http_limits& limits);

  /// Adds the path parameter under its name. Error: malformed_request when query or body say otherwise.
  core::result<void> add_path(std::string_view name, std::string_view value);

  /// The text of a field; integers read as their decimal text; nothing when absent or null. Errors: malformed_request
  /// for a boolean, because no field of these dialects takes one.
  core::result<std::optional<std::string_view>> text(std::string_view name) const;
  /// The same, absent or blank = missing_field.
  core::result<std::string_view> required(std::string_view name) const;
  /// A whole number in decimal, as text or JSON integer. Errors: invalid_field.
  core::result<std::optional<std::int64_t>> integer(std::string_view name) const;

 private:
  enum class kind : std::uint8_t { text, integer, boolean, null };
  struct field {
    std::string name;
    std::string value;
    kind what;
  };
  core::result<void> add_body(const http::request& request, const core::http_limits& limits);
  core::result<void> add_json(std::string_view body, const core::http_limits& limits);
  core::result<void> add(std::string_view name, std::string_view value, kind what);
  const field* find(std::string_view name) const noexcept;
  std::vector<field> fields_;
};

}  // namespace smsauth::dialect
