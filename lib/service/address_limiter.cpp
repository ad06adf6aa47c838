#include "service/address_limiter.hpp"

#include "core/verification.hpp"

#include <array>

namespace smsauth::service {

namespace {

struct rule {
  std::int64_t window_ms;
  std::int64_t cap;
};

constexpr std::string_view name_of(address_action action) { return action == address_action::send ? "send" : "lookup"; }

// At most two windows per action; a cap of 0 means none.
std::array<rule, 2> rules_of(address_action action, const core::code_limits& limits) {
  if (action == address_action::send) {
    return {{{core::ms_per_hour, limits.address_sends_per_hour}, {core::ms_per_day, limits.address_sends_per_day}}};
  }
  return {{{core::ms_per_hour, limits.address_lookups_per_hour}, {core::ms_per_day, 0}}};
}

}  // namespace

std::string address_limiter::key_of(const store::counters::delta& window) {
  return window.action + ' ' + std::to_string(window.window_ms) + ' ' + std::to_string(window.started_at) + ' ' + window.address;
}

address_limiter::counter& address_limiter::at(std::string_view address, address_action action, std::int64_t window_ms,
                                              core::epoch_ms now) {
  const store::counters::delta window{std::string(address), std::string(name_of(action)), window_ms, now - now % window_ms, 0};
  if (counters_.size() >= max_counters) {
    std::erase_if(counters_, [&](const auto& each) { return each.second.window.started_at + each.second.window.window_ms <= now; });
    if (counters_.size() >= max_counters) counters_.erase(counters_.begin());
  }
  auto [found, fresh] = counters_.try_emplace(key_of(window));
  if (fresh) found->second.window = window;
  return found->second.count;
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

address_limiter::work address_limiter::take_work(core::epoch_ms now) {
  const std::scoped_lock lock(mutex_);
  work found;
  for (auto at = counters_.begin(); at != counters_.end();) {
    entry& each = at->second;
    const bool over = each.window.started_at + each.window.window_ms <= now;
    if (each.count.unflushed != 0) {
      found.add.push_back(each.window);
      found.add.back().hits = each.count.unflushed;
      each.count.unflushed = 0;
      if (!over) found.read.push_back(each.window);
    }
    at = over ? counters_.erase(at) : std::next(at);
  }
  return found;
}

void address_limiter::give_back(const work& failed) {
  const std::scoped_lock lock(mutex_);
  for (const store::counters::delta& each : failed.add) {
    const auto found = counters_.find(key_of(each));
    if (found != counters_.end()) found->second.count.unflushed += each.hits;
  }
}

void address_limiter::learned(const store::counters::delta& window, std::int64_t hits_elsewhere) {
  const std::scoped_lock lock(mutex_);
  const auto found = counters_.find(key_of(window));
  if (found != counters_.end()) found->second.count.elsewhere = hits_elsewhere;
}

}  // namespace smsauth::service
