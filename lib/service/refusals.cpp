#include "service/refusals.hpp"

#include "service/ids.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace smsauth::service {

namespace {

// Small units: they share the lanes with requests.
constexpr std::size_t rows_per_unit = 64;

}  // namespace

void refusals::note(store::deliveries::refusal one) {
  const core::epoch_ms hour = one.refused_at - one.refused_at % core::ms_per_hour;
  one.id = id_floor(hour).append(1, '-').append(one.purpose).append(1, '-').append(one.reason);
  one.hits = 1;
  const std::string key = one.phone + ' ' + one.id;
  const std::scoped_lock lock(mutex_);
  if (hour != hour_) {
    hour_ = hour;
    rows_of_hour_.clear();
  }
  if (!rows_of_hour_.contains(key)) {
    if (rows_of_hour_.size() >= rows_per_hour) {
      ++forgotten_;
      return;
    }
    rows_of_hour_.insert(key);
  }
  keep(std::move(one));
}

void refusals::keep(store::deliveries::refusal one) {
  std::string key = one.phone + ' ' + one.id;
  const auto [at, fresh] = waiting_.try_emplace(std::move(key), one);
  if (fresh) return;
  const std::int64_t hits = at->second.hits + one.hits;
  if (one.refused_at >= at->second.refused_at) at->second = std::move(one);  // the latest address and dialect
  at->second.hits = hits;
}

std::uint64_t refusals::forgotten() const {
  const std::scoped_lock lock(mutex_);
  return forgotten_;
}

runtime::awaitable<void> refusals::flush() {
  std::vector<store::deliveries::refusal> taken;
  {
    const std::scoped_lock lock(mutex_);
    taken.reserve(waiting_.size());
    for (auto& [key, each] : waiting_)
      taken.push_back(std::move(each));
    waiting_.clear();
  }
  std::size_t written = 0;
  while (written < taken.size()) {
    const std::span part(&taken[written], std::min(rows_per_unit, taken.size() - written));
    auto work = [&](store::transaction& in) -> core::result<void> {
      store::deliveries::record_refusals(in, part);
      return {};
    };
    const auto done = co_await database_.write("refusals", work);
    if (!done) break;
    written += part.size();
  }
  const std::scoped_lock lock(mutex_);
  for (; written < taken.size(); ++written)
    keep(std::move(taken[written]));
}

}  // namespace smsauth::service
