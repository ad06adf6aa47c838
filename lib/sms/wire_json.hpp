// JSON as providers send it, in replies and receipts: read leniently where they are lenient, within limits.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace smsauth::sms {

/// Nothing when it is malformed, nested deeper than 16, or followed by more.
std::optional<boost::json::value> parse_wire_json(std::string_view text);

/// The member as text: a string as it is, an integer in decimal (never through a double: Yunpian's ids have 64 bits), a
/// boolean as true or false; "" for anything else, or when `of` is no object.
std::string wire_text(const boost::json::value& of, std::string_view member);
/// The member, or null.
const boost::json::value* wire_member(const boost::json::value& of, std::string_view member);

}  // namespace smsauth::sms
