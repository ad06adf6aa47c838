// Sends that were refused, for the person who asks "where is my code?": kept aside and written beside the requests.
#pragma once

#include "runtime/awaitable.hpp"
#include "service/database_lanes.hpp"
#include "store/delivery_store.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace smsauth::service {

class refusals {
 public:
  explicit refusals(database_lanes& database) : database_(database) {}

  /// Waiting at most; a flood beyond it is counted and forgotten: it must not fill the disk either.
  static constexpr std::size_t capacity = 4'096;

  /// Any thread.
  void note(store::deliveries::refusal one);
  /// Writes what waits. What the database does not take is tried again by the next flush.
  runtime::awaitable<void> flush();
  std::uint64_t forgotten() const;

 private:
  database_lanes& database_;
  mutable std::mutex mutex_;
  std::vector<store::deliveries::refusal> waiting_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace smsauth::service
