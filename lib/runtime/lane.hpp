// A bounded queue of blocking work, drained on a thread pool: the one bridge between coroutines and blocking code.
//
// A drain takes up to `batch` queued jobs at once, so that the database gives them one commit; it waits for more only
// where that delays nobody.
// A full lane refuses at once (errc::busy), because a late answer is worth less than an early "come back".
//
// What a drain leaves unfinished (on SQLite: the sync) a second function finishes on another thread of the pool while
// the next drain runs.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

namespace smsauth::runtime {

/// One piece of work. It stays where it is until complete() was called, and belongs to whoever pushed it.
class lane_job {
 public:
  explicit lane_job(boost::asio::io_context& owner) : owner_(&owner) {}
  lane_job(const lane_job&) = delete;
  lane_job& operator=(const lane_job&) = delete;
  virtual ~lane_job() = default;

  /// Runs on the owner's thread, after the work was done. May delete the job.
  virtual void complete() = 0;
  /// Instead of complete(), when the owner's io_context is destroyed with the completion still queued: frees what the
  /// job holds, and itself if nobody else does.
  virtual void abandon() noexcept {}
  boost::asio::io_context& owner() const noexcept { return *owner_; }

 private:
  friend class lane;
  boost::asio::io_context* owner_;
  lane_job* next_ = nullptr;
};

/// Urgent jobs go first and have a queue of their own, as long as the other: what was proved already (a consumed code)
/// must not be refused because strangers fill the queue.
/// Low: waits among the normal ones, but is refused once no more than a quarter of their places is free: what begins
/// something new leaves them to what ends something.
enum class urgency : std::uint8_t { low, normal, urgent };

struct lane_settings {
  std::string_view name;
  std::size_t capacity = 1024;  ///< jobs waiting of each urgency, not counting those being worked on
  std::size_t batch = 64;       ///< jobs given to one drain, and to one call that finishes them; 256 at most
  std::size_t workers = 1;      ///< drains at the same time
};

class lane {
 public:
  /// Does the work of all jobs it is given; runs on a pool thread; must not throw.
  using drain_function = std::function<void(std::span<lane_job* const>)>;

  /// `pool` outlives the lane and has a thread to spare for each worker of each lane, and one more where there is
  /// `finish`: drained jobs go to it before they are complete, in order, one call at a time.
  lane(boost::asio::thread_pool& pool, lane_settings settings, drain_function drain, drain_function finish = nullptr);
  /// Waits for running drains; the queue must be empty or closed.
  ~lane();
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;

  /// False: full or closed, the job was not taken. Any thread.
  bool push(lane_job& job, urgency how = urgency::normal);
  /// Would push() take such a job now? A hint: the answer may be old when it arrives.
  bool has_room(urgency how = urgency::normal) const;
  /// Takes no further jobs, and waits until those taken are done.
  void close();
  std::size_t depth() const;

 private:
  void work();
  bool takes(urgency how) const noexcept;  ///< under the lock
  bool at_rest() const noexcept;           ///< under the lock
  bool full_batch_waits() const noexcept;  ///< under the lock
  void hand_to_finish(std::span<lane_job* const> jobs);
  void finish_drained();
  static void complete_all(std::span<lane_job* const> jobs);

  boost::asio::thread_pool& pool_;
  const lane_settings settings_;
  const drain_function drain_;
  const drain_function finish_;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::condition_variable finished_;
  struct queue {
    lane_job* head = nullptr;
    lane_job* tail = nullptr;
    std::size_t length = 0;
    void append(lane_job& job) noexcept;
    lane_job* take() noexcept;
  };
  queue normal_;
  queue urgent_;
  queue drained_;  ///< to be finished
  bool finishing_ = false;
  std::size_t active_ = 0;
  bool closed_ = false;
};

}  // namespace smsauth::runtime
