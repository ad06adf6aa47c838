// task<T>: the work of a unit as a coroutine, for units that wait for each other to share statements (gathering.hpp).
// It runs where it is resumed, on one thread, and never by itself.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace smsauth::store {

template <class T>
class task;

namespace detail {

class task_promise_base {
 public:
  std::suspend_always initial_suspend() const noexcept { return {}; }

  /// Goes on with whoever awaits it.
  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      return ended.promise().continuation_ ? ended.promise().continuation_ : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  final_awaiter final_suspend() const noexcept { return {}; }

  void unhandled_exception() noexcept { error_ = std::current_exception(); }
  void continue_with(std::coroutine_handle<> who) noexcept { continuation_ = who; }

 protected:
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::coroutine_handle<> continuation_;
  std::exception_ptr error_;
};

template <class T>
class task_promise final : public task_promise_base {
 public:
  task<T> get_return_object() noexcept;
  template <class From>
  void return_value(From&& from) {
    value_.emplace(std::forward<From>(from));
  }
  T take() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class task_promise<void> final : public task_promise_base {
 public:
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

}  // namespace detail

template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = detail::task_promise<T>;

  explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  task& operator=(task&&) = delete;
  ~task() {
    if (frame_) frame_.destroy();
  }

  /// Begins; returns when it is done or waits for a gathering.
  void start() { frame_.resume(); }
  /// The result of a task that is done, or that was not started and never waits. Throws what it threw.
  T get() {
    if (!frame_.done()) start();
    if (!frame_.done()) throw std::logic_error("a task without a gathering waits for one");
    return frame_.promise().take();
  }
  /// Of a task that was started: its result when everything it waited for has run.
  T result() {
    if (!frame_.done()) throw std::logic_error("a task waits for a gathering that has ended");
    return frame_.promise().take();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> who) noexcept {
    frame_.promise().continue_with(who);
    return frame_;
  }
  T await_resume() { return frame_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}
inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

}  // namespace detail

template <class T>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;

/// What a callable's call comes to: T for task<T>, the returned type else.
template <class T>
struct task_result {
  using type = T;
};
template <class T>
struct task_result<task<T>> {
  using type = T;
};

}  // namespace smsauth::store
