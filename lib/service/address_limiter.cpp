#include "service/address_limiter.hpp"

#include "core/verification.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace smsauth::service {

namespace {

struct rule {
  std::int64_t window_ms;
  std::int64_t cap;
};

constexpr std::string_view name_of(address_action action) {
  return action == address_action::send ? "send" : "lookup";
}

// At most two windows per action; a cap of 0 means none.
std::array<rule, 2> rules_of(address_action action, const core::code_limits& limits) {
  if (action == address_action::send) {
    return {{{core::ms_per_hour, limits.address_sends_per_hour}, {core::ms_per_day, limits.address_sends_per_day}}};
  }
  return {{{core::ms_per_hour, limits.address_lookups_per_hour}, {core::ms_per_day, 0}}};
}

}  // namespace

std::string address_limiter::key_of(const store::counters::delta& window) {
  return window.action + ' ' + std::to_string(window.window_ms) + ' ' + std::to_string(window.started_at) + ' ' +
         window.address;
}

void address_limiter::begin_generation() {
  for (auto& [key, dropped] : old_) {
    if (dropped.unflushed == 0) continue;
    dropped_.push_back(std::move(dropped.window));
    dropped_.back().hits = dropped.unflushed;
  }
  old_ = std::move(young_);
  young_.clear();
}

address_limiter::counter& address_limiter::at(std::string_view address, address_action action, std::int64_t window_ms,
                                              core::epoch_ms now) {
  const store::counters::delta window{std::string(address), std::string(name_of(action)), window_ms,
                                      now - now % window_ms, 0};
  const std::string key = key_of(window);
  if (const auto found = young_.find(key); found != young_.end()) return found->second;
  if (young_.size() >= generation_size) begin_generation();
  if (auto kept = old_.extract(key)) return young_.insert(std::move(kept)).position->second;
  counter& fresh = young_[key];
  fresh.window = window;
  return fresh;
}

address_limiter::counter* address_limiter::find(const store::counters::delta& window) {
  const std::string key = key_of(window);
  for (counter_map* each : {&young_, &old_}) {
    if (const auto found = each->find(key); found != each->end()) return &found->second;
  }
  return nullptr;
}

core::result<void> address_limiter::charge(std::string_view address, address_action action, core::epoch_ms now) {
  const std::scoped_lock lock(mutex_);
  const auto rules = rules_of(action, limits_);
  const core::errc refusal = action == address_action::send ? core::errc::send_limited : core::errc::lookup_limited;
  for (const rule& each : rules) {
    if (each.cap == 0) continue;
    const counter& seen = at(address, action, each.window_ms, now);
    if (seen.hits + seen.elsewhere >= each.cap) {
      return core::failure(refusal, core::seconds_until(now - now % each.window_ms + each.window_ms, now));
    }
  }
  for (const rule& each : rules) {
    if (each.cap == 0) continue;
    counter& mine = at(address, action, each.window_ms, now);
    ++mine.hits;
    ++mine.unflushed;
  }
  return {};
}

void address_limiter::refund(std::string_view address, address_action action, core::epoch_ms now) {
  const std::scoped_lock lock(mutex_);
  for (const rule& each : rules_of(action, limits_)) {
    if (each.cap == 0) continue;
    counter& mine = at(address, action, each.window_ms, now);
    if (mine.hits > 0) {
      --mine.hits;
      --mine.unflushed;  // below zero: the flush subtracts
    }
  }
}

address_limiter::work address_limiter::work::take(std::size_t count) {
  work part;
  const auto from = changed.end() - static_cast<std::ptrdiff_t>(std::min(count, changed.size()));
  part.changed.assign(std::make_move_iterator(from), std::make_move_iterator(changed.end()));
  changed.erase(from, changed.end());
  return part;
}

address_limiter::work address_limiter::take_work(core::epoch_ms now) {
  const std::scoped_lock lock(mutex_);
  work found;
  found.changed.swap(dropped_);
  for (counter_map* each : {&young_, &old_}) {
    for (auto at = each->begin(); at != each->end();) {
      counter& seen = at->second;
      if (seen.unflushed != 0) {
        found.changed.push_back(seen.window);
        found.changed.back().hits = seen.unflushed;
        seen.unflushed = 0;
      }
      const bool over = seen.window.started_at + seen.window.window_ms <= now;
      at = over ? each->erase(at) : std::next(at);
    }
  }
  return found;
}

void address_limiter::give_back(const work& failed) {
  const std::scoped_lock lock(mutex_);
  for (const store::counters::delta& each : failed.changed) {
    if (counter* known = find(each)) known->unflushed += each.hits;
  }
}

void address_limiter::learned(const store::counters::delta& window, std::int64_t hits_elsewhere) {
  const std::scoped_lock lock(mutex_);
  if (counter* known = find(window)) known->elsewhere = hits_elsewhere;
}

}  // namespace smsauth::service
