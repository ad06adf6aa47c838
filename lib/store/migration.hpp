// Brings the schema up to date, also when several nodes start at once.
#pragma once

#include "store/transaction.hpp"

#include <cstdint>
#include <stdexcept>

namespace smsauth::store {

class database;

/// The schema is newer than this binary: refuse to start.
class schema_too_new : public std::runtime_error {
 public:
  schema_too_new(std::int64_t found, std::int64_t known);
};

/// Applies what is missing, in order; returns the number of steps applied. One node works, the others wait and find it
/// done. SQLite: the whole upgrade is one transaction. MySQL commits every DDL statement by itself, so a step that was
/// cut off half-way is finished by the next start: "exists already" is taken as done there. Throws schema_too_new,
/// sql_error.
int migrate(database& target);

/// 0 when there is no schema yet. Throws sql_error.
std::int64_t schema_version(transaction& in);
/// Of this binary.
std::int64_t newest_schema_version() noexcept;

}  // namespace smsauth::store
