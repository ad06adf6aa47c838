// The database as coroutines see it: write(key, job) and read(job).
//
// Writing jobs of one key (the phone number, or the uid where there is none) go to one lane, so that two lanes never
// fight for one row; a lane's waiting jobs share a commit (core of the throughput: on SQLite 1.8 x where a sync takes
// 0.1 ms, 37 x where it takes 3 ms).
#pragma once

#include "core/error.hpp"
#include "runtime/lane.hpp"
#include "runtime/run_on.hpp"
#include "store/database.hpp"

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace smsauth::service {

/// A lane job that is a unit of database work.
class database_job : public runtime::lane_job, public store::unit {
 public:
  using runtime::lane_job::lane_job;
};

struct database_lane_settings {
  std::size_t queue_jobs = 1024;  ///< per lane; a full lane answers busy
  std::size_t batch_jobs = 64;    ///< one commit at most for so many
};

class database_lanes {
 public:
  /// `pool` has at least thread_count(database) threads.
  database_lanes(boost::asio::thread_pool& pool, store::database& database, const database_lane_settings& settings);
  static std::size_t thread_count(const store::database_settings& settings);

  /// `work` is a callable core::result<T>(store::transaction&), run perhaps more than once; it stays with the caller.
  /// One that returns store::task<core::result<T>> may share its statements with others of its batch. When this
  /// returns, its changes are durable (also those beside a returned failure: a wrong code must leave its counted try).
  /// Errors beside the job's own: busy, unavailable, internal.
  template <class Work>
  auto write(std::string_view key, Work& work, runtime::urgency how = runtime::urgency::normal) {
    const std::size_t hash = std::hash<std::string_view>{}(key);
    return transact(*writers_[hash % writers_.size()], work, how, hash);
  }
  /// The same for work that only reads.
  template <class Work>
  auto read(Work& work) {
    return transact(*readers_, work, runtime::urgency::normal, 0);
  }

  /// Would any lane take work of low urgency (a send)? Who asks first need not read a request that a lane would refuse:
  /// at five times the load 29,200 answers a second instead of 20,400, as many of them served. A hint.
  bool takes_new_work() const;

  void close();
  std::size_t depth() const;

 private:
  template <class Work, class Result, class Handler>
  class job final : public runtime::detail::resuming_job<database_job, Result, Handler> {
   public:
    job(boost::asio::io_context& owner, Handler handler, Work& work)
        : runtime::detail::resuming_job<database_job, Result, Handler>(owner, std::move(handler)), work_(work) {}
    void run(store::transaction& in) override {
      if constexpr (gathering_work) {
        this->settle(work_(in).get());
      } else {
        this->settle(work_(in));
      }
    }
    bool gathers() const noexcept override { return gathering_work; }
    store::task<void> begin(store::transaction& in) override {
      if constexpr (gathering_work) {
        auto work = work_(in);
        Result value = co_await work;
        this->settle(std::move(value));
      } else {
        run(in);
      }
      co_return;
    }
    void fail(core::failure why) noexcept override { this->settle(Result(why)); }

   private:
    static constexpr bool gathering_work = store::is_task<std::invoke_result_t<Work&, store::transaction&>>;
    Work& work_;
  };

  template <class Work>
  auto transact(runtime::lane& where, Work& work, runtime::urgency how, std::size_t key) {
    using result_type = typename store::task_result<std::invoke_result_t<Work&, store::transaction&>>::type;
    const std::chrono::milliseconds patience(deadline_ms_);
    return runtime::submit<result_type>(
        where,
        [&work, patience, key](boost::asio::io_context& owner, auto handler) {
          auto* const made = new job<Work, result_type, decltype(handler)>(owner, std::move(handler), work);
          made->begin_before = std::chrono::steady_clock::now() + patience;
          made->key = key;
          return made;
        },
        how);
  }

  std::int64_t deadline_ms_;
  std::vector<std::unique_ptr<runtime::lane>> writers_;
  std::unique_ptr<runtime::lane> readers_;
};

}  // namespace smsauth::service
