// Units of one batch that need the same statement meet here, and it runs once for all of them, with many rows.
//
// A statement of 32 rows costs MariaDB a sixth of 32 statements (no round trip, no opening of tables for each), and a
// statement is what a flow is priced by. So a step that is worth it is a class that can run for many at once:
//
//   struct message_insert {
//     ...                                                    what this one writes
//     bool outcome;                                          what it learns; may be missing
//     step_kind kind() const;                                steps of one class and kind go together
//     static void run(transaction&, std::span<message_insert* const>);
//   };
//
// and the function that a unit calls returns gathered<message_insert>, to be awaited. Outside a gathering (SQLite,
// where statements are cheap; a unit that runs alone) it runs at once by itself.
//
// The units of a gathering have different keys: no two steps of one run are about the same number.
#pragma once

#include "store/transaction.hpp"

#include <array>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

namespace smsauth::store {

class unit;

/// What the steps of one statement must have in common, such as the limits written into it.
using step_kind = std::array<std::int64_t, 4>;

class gathering {
 public:
  using run_function = void (*)(transaction&, std::span<void* const>);

  gathering() = default;
  gathering(const gathering&) = delete;
  gathering& operator=(const gathering&) = delete;

  /// `step` waits; `who` goes on when it has run.
  void add(run_function run, const step_kind& kind, void* step, std::coroutine_handle<> who);
  /// Runs what waits, and what comes to wait through that, until nothing does. Throws what a statement throws: nothing
  /// may be resumed then.
  void run_all(transaction& in);

 private:
  struct group {
    run_function run;
    step_kind kind;
    std::vector<void*> steps;
    std::vector<std::coroutine_handle<>> waiting;
  };
  std::deque<group> groups_;
};

/// A step of a unit, to be awaited once; its outcome, if it has one, is what the await returns.
template <class Step>
class [[nodiscard]] gathered {
 public:
  gathered(transaction& in, const Step& step) : in_(in), step_(step) {}
  gathered(const gathered&) = delete;
  gathered& operator=(const gathered&) = delete;
  ~gathered() = default;

  bool await_ready() {
    if (in_.meets_at() != nullptr) return false;
    run_alone();
    return true;
  }
  void await_suspend(std::coroutine_handle<> who) { in_.meets_at()->add(&run_steps, step_.kind(), &step_, who); }
  auto await_resume() { return outcome(); }

  /// By itself and at once, for units that are not coroutines.
  auto get() {
    run_alone();
    return outcome();
  }

 private:
  static void run_steps(transaction& in, std::span<void* const> steps) {
    std::vector<Step*> typed;
    typed.reserve(steps.size());
    for (void* const each : steps)
      typed.push_back(static_cast<Step*>(each));
    Step::run(in, typed);
  }
  void run_alone() {
    Step* const alone = &step_;
    Step::run(in_, std::span<Step* const>(&alone, 1));
  }
  auto outcome() {
    if constexpr (requires { step_.outcome; }) return std::move(step_.outcome);
  }

  transaction& in_;
  Step step_;
};

class pooled_session;

/// Runs the units in the transaction that has begun on `session`, those that can together. Units of one key keep their
/// order. Throws what a unit or a statement throws; the transaction is to be rolled back then.
void run_together(pooled_session& session, std::span<unit* const> units);

}  // namespace smsauth::store
