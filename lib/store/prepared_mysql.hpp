// A statement of MySQL and MariaDB, in the binary protocol.
#pragma once

#include "store/prepared.hpp"

#include <cstdint>
#include <optional>

namespace smsauth::store {

std::unique_ptr<prepared> prepare_mysql(soci::session& session, const char* text, std::span<const column_kind> columns);

/// "Duplicates" of what the server says of an INSERT of several rows; nothing after any other statement.
std::optional<std::int64_t> mysql_duplicates(soci::session& session);

}  // namespace smsauth::store
