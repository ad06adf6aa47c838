// A statement of MySQL and MariaDB, in the binary protocol.
#pragma once

#include "store/prepared.hpp"

namespace smsauth::store {

std::unique_ptr<prepared> prepare_mysql(soci::session& session, const char* text, std::span<const column_kind> columns);

}  // namespace smsauth::store
