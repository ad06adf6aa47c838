// Reads the JSON objects of tokens: the members of the top level, strictly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace smsauth::crypto {

/// Any value that is neither text nor an integer: a fraction, a number beyond 64 bits, true, null, an object, an array.
struct other_json {};

struct flat_member {
  std::string name;
  std::variant<std::string, std::int64_t, other_json> value;
};

/// The members in the order sent. Nothing for text that is not exactly one JSON object (RFC 8259; no comments, no bytes
/// after it, valid UTF-8), and for two members of one name in one object at any level (RFC 7515 section 4; Boost.JSON
/// itself would keep the last), a NUL in a name or string, more than 8 levels or more than 64 members in all.
std::optional<std::vector<flat_member>> parse_flat_object(std::string_view text);

}  // namespace smsauth::crypto
