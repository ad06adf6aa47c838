#include "store/gathering.hpp"

#include "store/database.hpp"
#include "store/session_pool.hpp"

#include <algorithm>
#include <unordered_set>

namespace smsauth::store {

void gathering::add(run_function run, const step_kind& kind, void* step, std::coroutine_handle<> who) {
  const auto same = [&](const group& other) { return other.run == run && other.kind == kind; };
  auto at = std::find_if(groups_.begin(), groups_.end(), same);
  if (at == groups_.end()) at = groups_.insert(groups_.end(), group{run, kind, {}, {}});
  at->steps.push_back(step);
  at->waiting.push_back(who);
}

void gathering::run_all(transaction& in) {
  while (!groups_.empty()) {
    const group next = std::move(groups_.front());
    groups_.pop_front();
    next.run(in, next.steps);
    for (const std::coroutine_handle<> each : next.waiting)
      each.resume();
  }
}

namespace {

// One round: units of different keys.
void run_round(pooled_session& session, std::span<unit* const> units) {
  gathering place;
  auto alone = session.work();
  auto together = session.work(&place);
  const bool several = std::count_if(units.begin(), units.end(), [](const unit* each) { return each->gathers(); }) > 1;
  std::vector<task<void>> begun;
  begun.reserve(units.size());
  for (unit* const each : units) {
    if (several && each->gathers()) {
      begun.push_back(each->begin(together));
      begun.back().start();
    } else {
      each->run(alone);
    }
  }
  place.run_all(together);
  for (task<void>& each : begun)
    each.result();
}

}  // namespace

void run_together(pooled_session& session, std::span<unit* const> units) {
  std::vector<unit*> waiting(units.begin(), units.end());
  std::vector<unit*> round;
  std::vector<unit*> later;
  while (!waiting.empty()) {
    std::unordered_set<std::size_t> keys;
    round.clear();
    later.clear();
    for (unit* const each : waiting)
      (keys.insert(each->key).second ? round : later).push_back(each);
    run_round(session, round);
    waiting.swap(later);
  }
}

}  // namespace smsauth::store
