// A statement of SQLite.
#pragma once

#include "store/prepared.hpp"

namespace smsauth::store {

std::unique_ptr<prepared> prepare_sqlite(soci::session& session, const char* text);

}  // namespace smsauth::store
