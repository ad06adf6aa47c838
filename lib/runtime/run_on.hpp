// co_await run_on(lane, job): does a blocking job on a lane and comes back to the caller's own I/O thread.
//
// Not cancellable on purpose: the job uses the caller's frame by reference, so the frame must outlive it (pitfalls
// D9-D11). Deadlines of blocking work come from the work itself (database time-outs), not from here.
#pragma once

#include "core/error.hpp"
#include "runtime/awaitable.hpp"
#include "runtime/lane.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace smsauth::runtime {

using use_awaitable_t = boost::asio::use_awaitable_t<boost::asio::io_context::executor_type>;

/// Base of jobs whose work is one call.
class callable_job : public lane_job {
 public:
  using lane_job::lane_job;
  virtual void run() noexcept = 0;
};

/// The drain of a lane of callable jobs.
inline void run_each(std::span<lane_job* const> jobs) {
  for (lane_job* job : jobs)
    static_cast<callable_job*>(job)->run();
}

namespace detail {

/// A pushed job that resumes a coroutine. `Base` is lane_job or a child with its own work; `Result` is a core::result.
template <class Base, class Result, class Handler>
class resuming_job : public Base {
 public:
  resuming_job(boost::asio::io_context& owner, Handler handler) : Base(owner), handler_(std::move(handler)) {}

  void complete() override {
    // Frees the job before the coroutine goes on: it may push the next one.
    Handler handler(std::move(handler_));
    Result value = outcome_ ? std::move(*outcome_) : Result(core::failure(core::errc::internal));
    delete this;
    std::move(handler)(std::move(value));
  }

  void abandon() noexcept override { delete this; }

  /// Instead of work: the lane did not take it.
  void refuse(core::failure why) { settle(Result(why)); }

 protected:
  /// What the coroutine gets; the last one counts, and without one it gets errc::internal.
  void settle(Result value) { outcome_.emplace(std::move(value)); }

 private:
  std::optional<Result> outcome_;
  Handler handler_;
};

template <class Work, class Result, class Handler>
class call final : public resuming_job<callable_job, Result, Handler> {
 public:
  call(boost::asio::io_context& owner, Handler handler, Work& work)
      : resuming_job<callable_job, Result, Handler>(owner, std::move(handler)), work_(work) {}

  void run() noexcept override {
    try {
      this->settle(work_());
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): complete() answers errc::internal
    }
  }

 private:
  Work& work_;
};

}  // namespace detail

/// Pushes a job made by `make(owner, handler)` and waits for it. `make` returns the job as a raw pointer; it deletes
/// itself. The closure is copied by value into Asio's frame: it must hold nothing but references (GCC 12, pitfall D1).
template <class Result, class Make>
awaitable<Result> submit(lane& where, Make make, urgency how = urgency::normal) {
  static_assert(std::is_trivially_copyable_v<Make>);
  return boost::asio::async_initiate<const use_awaitable_t, void(Result)>(
      [&where, make, how](auto handler) {
        auto& owner = boost::asio::get_associated_executor(handler).context();
        auto* const job = make(owner, std::move(handler));
        if (where.push(*job, how)) return;
        job->refuse({core::errc::busy, std::int64_t{1}});
        boost::asio::post(owner, [job] { job->complete(); });
      },
      use_awaitable_t{});
}

/// Runs `work`, a callable that returns core::result<T>, on a lane whose drain is run_each. `work` stays with the
/// caller.
template <class Work>
auto run_on(lane& where, Work& work, urgency how = urgency::normal) {
  using result_type = decltype(work());
  return submit<result_type>(
      where,
      [&work](boost::asio::io_context& owner, auto handler) {
        return new detail::call<Work, result_type, decltype(handler)>(owner, std::move(handler), work);
      },
      how);
}

}  // namespace smsauth::runtime
