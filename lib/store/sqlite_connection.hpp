// SQLite's own handle of a SOCI session, for what SOCI does not pass on.
#pragma once

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace smsauth::store {

/// Throws soci::soci_error when the session is closed. The session is one of SQLite.
inline sqlite_api::sqlite3* connection_of(soci::session& session) {
  // The flavor says which it is; SOCI does not export the type information that dynamic_cast needs.
  const auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
  if (backend == nullptr || backend->conn_ == nullptr) throw soci::soci_error("Session is not connected.");
  return backend->conn_;
}

}  // namespace smsauth::store
