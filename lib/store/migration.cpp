#include "store/migration.hpp"

#include "core/time.hpp"
#include "store/database.hpp"
#include "store/embedded_sql.hpp"
#include "telemetry/log.hpp"

#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <thread>

namespace smsauth::store {

namespace {

constexpr std::int64_t stale_claim_ms = 60 * core::ms_per_second;
constexpr std::chrono::milliseconds poll_interval{50};
constexpr std::chrono::seconds wait_for_other_node{120};

constexpr const char* create_table_sqlite =
    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY, finished INTEGER NOT NULL, "
    "owner TEXT NOT NULL, changed_at INTEGER NOT NULL)";
constexpr const char* create_table_mysql =
    "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY, finished INT NOT NULL, "
    "owner VARCHAR(40) NOT NULL, changed_at BIGINT NOT NULL) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

constexpr sql select_version{"schema_version.select",
                             "SELECT version FROM schema_version WHERE finished = 1 ORDER BY version DESC LIMIT 1"};
constexpr sql table_exists{
    "schema_version.exists", "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'",
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = "
    "'schema_version'"};
constexpr sql insert_claim{
    "schema_version.claim",
    "INSERT INTO schema_version (version, finished, owner, changed_at) VALUES (:p1, 0, :p2, :p3)"};
constexpr sql take_claim{
    "schema_version.take_over",
    "UPDATE schema_version SET owner = :p1, changed_at = :p2 WHERE version = :p3 AND finished = 0 AND "
    "changed_at <= :p4"};
constexpr sql select_claim{"schema_version.look",
                           "SELECT finished, changed_at FROM schema_version WHERE version = :p1"};
constexpr sql finish{
    "schema_version.finish",
    "UPDATE schema_version SET finished = 1, changed_at = :p1 WHERE version = :p2 AND owner = :p3 AND finished = 0"};

core::epoch_ms wall_clock() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// A unit from a function: migrations run alone.
template <class Work>
class task final : public unit {
 public:
  explicit task(Work work) : work_(std::move(work)) {}
  void run(transaction& in) override { work_(in); }
  void fail(core::failure /*why*/) noexcept override {}

 private:
  Work work_;
};

template <class Work>
void run_now(database& target, Work work) {
  task<Work> one(std::move(work));
  target.run_now(one);
}

// MySQL numbers for "this step was done before": table, column or key exists, row exists.
bool done_before(const sql_error& error) {
  return error.number() == 1050 || error.number() == 1060 || error.number() == 1061 || error.number() == 1062;
}

// Statements end with ";" at the end of a line; the files hold no other semicolons there.
void run_script(transaction& in, const embedded_migration& step) {
  std::string_view rest = step.text;
  while (!rest.empty()) {
    const auto end = rest.find(";\n");
    std::string_view statement = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
    const auto begin = statement.find_first_not_of(" \n\t");
    if (begin == std::string_view::npos) continue;
    try {
      in.execute_text(std::string(statement.substr(begin)), step.name);
    } catch (const sql_error& error) {
      if (in.flavor() != sql_flavor::mysql || !done_before(error)) throw;
    }
  }
}

int migrate_sqlite(database& target) {
  int applied = 0;
  run_now(target, [&](transaction& in) {
    applied = 0;
    in.execute_text(create_table_sqlite, "schema_version");
    const std::int64_t have = schema_version(in);
    if (have > newest_schema_version()) throw schema_too_new(have, newest_schema_version());
    for (const embedded_migration& step : embedded_migrations(sql_flavor::sqlite)) {
      if (step.version <= have) continue;
      run_script(in, step);
      in.execute(insert_claim, step.version, "self", wall_clock());
      in.execute(finish, wall_clock(), step.version, "self");
      ++applied;
    }
  });
  return applied;
}

// True when this node may work on the step; false when another one finished it.
bool claim_mysql(database& target, std::int64_t version, const std::string& owner) {
  const auto give_up = std::chrono::steady_clock::now() + wait_for_other_node;
  while (std::chrono::steady_clock::now() < give_up) {
    bool mine = false;
    bool finished = false;
    run_now(target, [&](transaction& in) {
      mine = finished = false;
      const core::epoch_ms now = wall_clock();
      const auto seen = in.row<std::tuple<int_column, int_column>>(select_claim, version);
      if (seen) {
        finished = std::get<0>(*seen) == 1;
        mine = !finished && in.execute(take_claim, owner, now, version, now - stale_claim_ms) == 1;
        return;
      }
      try {
        mine = in.execute(insert_claim, version, owner, now) == 1;
      } catch (const sql_error& error) {
        if (error.kind() != sql_error_kind::duplicate) throw;
      }
    });
    if (finished) return false;
    if (mine) return true;
    std::this_thread::sleep_for(poll_interval);  // another node works on it: its row is what we wait for
  }
  throw sql_error(sql_error_kind::refused, 0, "schema_version: another node did not finish");
}

int migrate_mysql(database& target) {
  const std::string owner = std::to_string(std::random_device{}()) + std::to_string(std::random_device{}());
  int applied = 0;
  std::int64_t have = 0;
  run_now(target, [&](transaction& in) {
    in.execute_text(create_table_mysql, "schema_version");
    have = schema_version(in);
  });
  if (have > newest_schema_version()) throw schema_too_new(have, newest_schema_version());
  for (const embedded_migration& step : embedded_migrations(sql_flavor::mysql)) {
    if (step.version <= have || !claim_mysql(target, step.version, owner)) continue;
    run_now(target, [&](transaction& in) {
      run_script(in, step);
      in.execute(finish, wall_clock(), step.version, owner);
    });
    ++applied;
  }
  return applied;
}

}  // namespace

schema_too_new::schema_too_new(std::int64_t found, std::int64_t known)
    : std::runtime_error("the database schema has version " + std::to_string(found) + ", this binary knows up to " +
                         std::to_string(known)) {}

int migrate(database& target) {
  const int applied = target.flavor() == sql_flavor::sqlite ? migrate_sqlite(target) : migrate_mysql(target);
  if (applied > 0) {
    telemetry::log(telemetry::log_level::info, "schema updated",
                   {{"steps", static_cast<std::int64_t>(applied)}, {"version", newest_schema_version()}});
  }
  return applied;
}

std::int64_t schema_version(transaction& in) {
  const auto exists = in.row<std::tuple<int_column>>(table_exists);
  if (!exists || std::get<0>(*exists) == 0) return 0;
  const auto found = in.row<std::tuple<int_column>>(select_version);
  return found ? std::get<0>(*found) : 0;
}

std::int64_t newest_schema_version() noexcept {
  return embedded_migrations(sql_flavor::sqlite).back().version;
}

}  // namespace smsauth::store
