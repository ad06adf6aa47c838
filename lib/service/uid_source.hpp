// Small integers for new accounts: blocks of a sequence row, so that nodes never meet and the row is no hot spot.
#pragma once

#include "core/error.hpp"
#include "runtime/awaitable.hpp"
#include "service/database_lanes.hpp"

#include <cstdint>
#include <mutex>
#include <vector>

namespace smsauth::service {

class uid_source {
 public:
  explicit uid_source(database_lanes& database) : database_(database) {}

  /// The next uid; goes to the database once per block. Gaps are normal. Errors: busy, unavailable.
  runtime::awaitable<core::result<std::int64_t>> next();
  /// One that was not used after all.
  void give_back(std::int64_t uid);

  static constexpr std::int64_t block_size = 100;

 private:
  bool take(std::int64_t& uid);

  database_lanes& database_;
  std::mutex mutex_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
  std::vector<std::int64_t> returned_;
};

}  // namespace smsauth::service
