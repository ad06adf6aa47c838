// The schema files of sql/, compiled in.
#pragma once

#include "store/sql_flavor.hpp"

#include <cstdint>
#include <span>

namespace smsauth::store {

struct embedded_migration {
  std::int64_t version;  ///< the number the file's name begins with
  const char* name;
  const char* text;  ///< statements, each ended by ";" at the end of a line
};

/// In order of version. Same versions on both engines.
std::span<const embedded_migration> embedded_migrations(sql_flavor flavor);

}  // namespace smsauth::store
