// --db: sqlite:PATH or mysql://user:password@host:port/name?socket=PATH.
#pragma once

#include "store/database_settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace smsauth::app {

/// Where the database is: flavor, path, host, port, user, password, name, socket of the result; the rest as by default.
/// The generic syntax of RFC 3986; user, password, name and socket percent-decoded once, without NUL or other control
/// characters. A second "@" is refused: it would be a password that was not encoded. SQLite paths hold no blank, "=",
/// quote, "?" or "%", which its connection string gives a meaning, and ":memory:" is refused: each session would
/// have a database of its own.
std::optional<store::database_settings> parse_database_uri(std::string_view text);

/// The same as a URI with the password as ****, for check-config and the log.
std::string masked(const store::database_settings& uri);

}  // namespace smsauth::app
