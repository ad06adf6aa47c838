// Sends that were refused, for the person who asks "where is my code?": counted per number, purpose, reason and hour,
// and written beside the requests. What a flood of refusals can write is bounded, however many numbers it names.
#pragma once

#include "core/time.hpp"
#include "runtime/awaitable.hpp"
#include "service/database_lanes.hpp"
#include "store/delivery_store.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>

namespace smsauth::service {

class refusals {
 public:
  explicit refusals(database_lanes& database) : database_(database) {}

  /// New rows per hour and process, at most: 840 000 within the seven days that they are kept, some 100 MB. Refusals
  /// beyond it are counted and forgotten; those of rows that exist already are always counted in them.
  static constexpr std::size_t rows_per_hour = 5'000;

  /// Any thread. `one.id` and `one.hits` are filled in here.
  void note(store::deliveries::refusal one);
  /// Writes what waits. What the database does not take is tried again by the next flush.
  runtime::awaitable<void> flush();
  std::uint64_t forgotten() const;

 private:
  void keep(store::deliveries::refusal one);

  database_lanes& database_;
  mutable std::mutex mutex_;
  std::map<std::string, store::deliveries::refusal> waiting_;  ///< by number and id
  core::epoch_ms hour_ = 0;
  std::unordered_set<std::string> rows_of_hour_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace smsauth::service
