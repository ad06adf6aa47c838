// JSON request bodies, read strictly (HTTP-08, RFC 8259): Boost.JSON alone keeps the last of two equal keys in silence.
#pragma once

#include "core/error.hpp"
#include "core/limits.hpp"

#include <boost/json/value.hpp>

#include <string_view>

namespace smsauth::dialect {

/// Text → value. Errors: malformed_request for a syntax error, trailing bytes, a duplicate key in any object, nesting
/// deeper than limits.json_depth, more than limits.fields members in all, bad UTF-8, U+0000 inside a string, or no JSON
/// at all.
core::result<boost::json::value> parse_json(std::string_view text, const core::http_limits& limits);

}  // namespace smsauth::dialect
