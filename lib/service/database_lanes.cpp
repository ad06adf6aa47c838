#include "service/database_lanes.hpp"

#include <algorithm>
#include <array>

namespace smsauth::service {

namespace {

// The drain of a lane: the same jobs, seen as units.
template <class Run>
void as_units(std::span<runtime::lane_job* const> jobs, Run run) {
  std::array<store::unit*, 256> units;
  std::size_t count = 0;
  for (runtime::lane_job* one : jobs)
    units[count++] = static_cast<database_job*>(one);
  run(std::span<store::unit* const>(units.data(), count));
}

}  // namespace

std::size_t database_lanes::thread_count(const store::database_settings& settings) {
  const std::size_t writers = settings.flavor == store::sql_flavor::sqlite ? 1 : settings.write_sessions;
  const std::size_t syncs = settings.flavor == store::sql_flavor::sqlite ? 1 : 0;
  return writers + syncs + settings.read_sessions;
}

database_lanes::database_lanes(boost::asio::thread_pool& pool, store::database& database,
                               const database_lane_settings& settings)
    : deadline_ms_(database.settings().unit_deadline_ms) {
  const std::size_t writers = database.flavor() == store::sql_flavor::sqlite ? 1 : database.settings().write_sessions;
  // On SQLite the sync runs beside the next batch; a commit of MySQL is durable.
  runtime::lane::drain_function sync;
  if (database.flavor() == store::sql_flavor::sqlite) {
    sync = [&database](std::span<runtime::lane_job* const> jobs) {
      as_units(jobs, [&](auto units) { database.make_durable(units); });
    };
  }
  for (std::size_t i = 0; i < writers; ++i) {
    writers_.push_back(std::make_unique<runtime::lane>(
        pool, runtime::lane_settings{"database", settings.queue_jobs, settings.batch_jobs, 1},
        [&database, i](std::span<runtime::lane_job* const> jobs) {
          as_units(jobs, [&](auto units) { database.run_writes(i, units); });
        },
        sync));
  }
  readers_ = std::make_unique<runtime::lane>(
      pool, runtime::lane_settings{"database-read", settings.queue_jobs, 16, database.settings().read_sessions},
      [&database](std::span<runtime::lane_job* const> jobs) {
        as_units(jobs, [&](auto units) { database.run_reads(units); });
      });
}

bool database_lanes::takes_new_work() const {
  return std::any_of(writers_.begin(), writers_.end(),
                     [](const auto& lane) { return lane->has_room(runtime::urgency::low); });
}

void database_lanes::close() {
  for (const auto& lane : writers_)
    lane->close();
  readers_->close();
}

std::size_t database_lanes::depth() const {
  std::size_t all = readers_->depth();
  for (const auto& lane : writers_)
    all += lane->depth();
  return all;
}

}  // namespace smsauth::service
