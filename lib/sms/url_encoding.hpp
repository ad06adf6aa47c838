// Names and values as providers put them into queries and form bodies.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsauth::sms {

/// RFC 3986 section 2.3: letters, digits, "-", "_", "." and "~" stay, every other byte is %XX in upper case. Also right
/// for application/x-www-form-urlencoded, whose readers take %20 for a blank.
std::string percent_encode(std::string_view bytes);

using wire_fields = std::vector<std::pair<std::string, std::string>>;
/// Sorted by name in byte order, as signatures want it.
using sorted_fields = std::map<std::string, std::string, std::less<>>;

/// "a=1&b=2", each name and value percent-encoded, in the order given.
std::string encode_fields(const wire_fields& fields);
std::string encode_fields(const sorted_fields& fields);

/// A query or a form body, "+" being a blank. Nothing when an escape is broken, a byte is NUL, or there are more than
/// `max_fields`.
std::optional<wire_fields> parse_fields(std::string_view text, std::size_t max_fields = 64);
/// The first value of that name, or nothing.
std::optional<std::string_view> find_field(const wire_fields& fields, std::string_view name);

}  // namespace smsauth::sms
