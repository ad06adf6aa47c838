// Bodies that are lists of names and values: urlencoded (WHATWG URL, section 5) and multipart/form-data (RFC 7578).
#pragma once

#include "core/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsauth::http {

/// Names and values in the order sent; repeated names are kept, the reader decides.
using form_fields = std::vector<std::pair<std::string, std::string>>;

/// A query or an application/x-www-form-urlencoded body. "+" is a blank; %XX is decoded once.
/// Errors: malformed_request for broken percent-encoding, NUL, bad UTF-8, or more than `max_fields`.
core::result<form_fields> parse_urlencoded(std::string_view text, std::size_t max_fields);

/// A multipart/form-data body with the boundary of `content_type`. Parts with a filename are refused: no route takes
/// files. Errors: malformed_request.
core::result<form_fields> parse_multipart(std::string_view body, std::string_view content_type, std::size_t max_fields);

/// "Application/JSON; charset=utf-8" → "application/json". Lower case, no parameters.
std::string media_type(std::string_view content_type);
/// The charset parameter in lower case, or empty; "invalid" when it cannot be read. A route takes "" and "utf-8" only
/// (HTTP-07).
std::string charset(std::string_view content_type);

/// The parameters of a field such as Content-Type (RFC 9110 section 5.6.6): views into it, without quotes. Nothing when
/// one is badly quoted, has no value, or comes twice: two readers could take two values.
using field_parameters = std::vector<std::pair<std::string_view, std::string_view>>;
std::optional<field_parameters> parameters_of(std::string_view field_value);
/// The value of that name (case-insensitive), or nothing.
std::optional<std::string_view> find_parameter(const field_parameters& parameters, std::string_view name);

/// %XX decoded once. Nothing on broken encoding.
std::optional<std::string> percent_decoded(std::string_view text);
bool is_utf8(std::string_view text) noexcept;

}  // namespace smsauth::http
