#include "service/refusals.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace smsauth::service {

namespace {

// Small units: they share the lanes with requests.
constexpr std::size_t rows_per_unit = 64;

}  // namespace

void refusals::note(store::deliveries::refusal one) {
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() >= capacity) {
    ++forgotten_;
    return;
  }
  waiting_.push_back(std::move(one));
}

std::uint64_t refusals::forgotten() const {
  const std::scoped_lock lock(mutex_);
  return forgotten_;
}

runtime::awaitable<void> refusals::flush() {
  std::vector<store::deliveries::refusal> taken;
  {
    const std::scoped_lock lock(mutex_);
    taken.swap(waiting_);
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
  if (written == taken.size()) co_return;
  const std::scoped_lock lock(mutex_);
  const auto first = taken.begin() + static_cast<std::ptrdiff_t>(written);
  waiting_.insert(waiting_.begin(), std::make_move_iterator(first), std::make_move_iterator(taken.end()));
}

}  // namespace smsauth::service
