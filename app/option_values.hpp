// Texts of settings → values. Each parser takes a form or refuses it; what was expected is said by the options table.
#pragma once

#include "app/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::app {

/// Digits alone, no sign, no blanks; nothing above int64.
std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;

/// UTF-8 (RFC 3629: shortest form, no surrogates) without control characters, at most 1024 bytes.
bool is_plain_text(std::string_view text) noexcept;

/// "127.0.0.1:8080", "[::1]:0", "localhost:80" (= 127.0.0.1). Names are not resolved.
std::optional<listen_address> parse_listen_address(std::string_view text);

/// An absolute http or https URL with a plain host, optional port and path; no user, query, fragment or final slash.
bool is_public_url(std::string_view text);
/// The serialised origin of RFC 6454 section 6.2: scheme://host[:port], lower case, nothing after it.
bool is_origin(std::string_view text);

/// "/module/main": segments of letters, digits, "-", "_", "."; not under /api, where the other dialects live.
bool is_path_prefix(std::string_view text) noexcept;

/// A CLDR region that has mobile numbers, such as "CN" ("GB", not "UK"), or "all".
bool is_country(std::string_view text);

/// `text` cut at `separator`, blanks around each part removed. Empty text = no parts; an empty part stays.
std::vector<std::string> split_list(std::string_view text, char separator);

/// `text` for one line on a terminal: control characters become "?", at most 80 bytes.
std::string printable(std::string_view text);

}  // namespace smsauth::app
