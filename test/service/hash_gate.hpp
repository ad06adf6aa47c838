// The hash lane's worker, counted, and held back on demand.
#pragma once

#include "runtime/lane.hpp"
#include "runtime/run_on.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>

namespace smsauth::test {

class hash_gate {
 public:
  runtime::lane::drain_function drain() {
    return [this](std::span<runtime::lane_job* const> jobs) {
      {
        std::unique_lock lock(mutex_);
        begun_ += jobs.size();
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
      }
      runtime::run_each(jobs);
    };
  }

  void hold() {
    const std::scoped_lock lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::scoped_lock lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  /// Waits until `jobs` hashes were begun in all.
  void wait_until_begun(std::size_t jobs) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_ >= jobs; });
  }
  /// Hashes computed or begun since the start: what strangers can make us pay.
  std::size_t begun() const {
    const std::scoped_lock lock(mutex_);
    return begun_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  std::size_t begun_ = 0;
};

}  // namespace smsauth::test
