#include "http/request.hpp"

#include "http/syntax.hpp"

#include <algorithm>

namespace smsauth::http {

std::string_view to_string(method value) noexcept {
  switch (value) {
    case method::get:
      return "GET";
    case method::head:
      return "HEAD";
    case method::post:
      return "POST";
    case method::put:
      return "PUT";
    case method::patch:
      return "PATCH";
    case method::delete_:
      return "DELETE";
    case method::options:
      return "OPTIONS";
    case method::trace:
      return "TRACE";
    case method::connect:
      return "CONNECT";
    case method::other:
      break;
  }
  return "other";
}

std::optional<std::string_view> request::header(std::string_view name) const noexcept {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const header_field& field) { return equal_ignoring_case(field.name, name); });
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

std::size_t request::header_count(std::string_view name) const noexcept {
  const auto count = std::count_if(headers.begin(), headers.end(),
                                   [name](const header_field& field) { return equal_ignoring_case(field.name, name); });
  return static_cast<std::size_t>(count);
}

}  // namespace smsauth::http
