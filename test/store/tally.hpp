// A table whose one use is to see whether a unit was applied never, once or twice.
#pragma once

#include "store/fresh_database.hpp"

#include <cstdint>
#include <string>

namespace smsauth::test {

class tally {
 public:
  explicit tally(fresh_database& db, int rows = 1) : db_(db) {
    auto outside = db.outside();
    outside.run(db->flavor() == store::sql_flavor::sqlite
                    ? "CREATE TABLE tally (id INTEGER PRIMARY KEY, hits INTEGER NOT NULL)"
                    : "CREATE TABLE tally (id BIGINT PRIMARY KEY, hits BIGINT NOT NULL) ENGINE=InnoDB");
    for (int id = 1; id <= rows; ++id)
      outside.run("INSERT INTO tally VALUES (" + std::to_string(id) + ", 0)");
  }

  static void hit(store::transaction& in, std::int64_t id = 1) { in.execute(add_one, id); }
  long long hits(std::int64_t id = 1) {
    return db_.outside().number("SELECT hits FROM tally WHERE id = " + std::to_string(id));
  }
  long long all_hits() { return db_.outside().number("SELECT CAST(SUM(hits) AS " + integer() + ") FROM tally"); }

 private:
  static constexpr store::sql add_one{"tally.hit", "UPDATE tally SET hits = hits + 1 WHERE id = :p1"};
  std::string integer() { return db_->flavor() == store::sql_flavor::sqlite ? "INTEGER" : "SIGNED"; }

  fresh_database& db_;
};

/// MariaDB's number of the connection that runs `in`.
inline long long connection_of(store::transaction& in) {
  static constexpr store::sql connection_id{"test.connection_id", "SELECT CONNECTION_ID()"};
  return std::get<0>(in.row<std::tuple<store::int_column>>(connection_id).value());
}

/// KILLs it, from another one.
inline void kill_connection(fresh_database& db, store::transaction& in) {
  db.outside().run("KILL " + std::to_string(connection_of(in)));
}

}  // namespace smsauth::test
