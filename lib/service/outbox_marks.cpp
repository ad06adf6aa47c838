#include "service/outbox_marks.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace smsauth::service {

namespace {

constexpr std::size_t marks_per_job = 64;
constexpr std::size_t max_attempts_kept = 100'000;

template <class T>
std::vector<T> take_front(std::vector<T>& from, std::size_t most) {
  std::vector<T> taken;
  if (from.size() <= most) {
    taken.swap(from);
  } else {
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(most);
    taken.assign(std::make_move_iterator(from.begin()), std::make_move_iterator(end));
    from.erase(from.begin(), end);
  }
  return taken;
}

template <class T>
void put_back(std::vector<T>& into, std::vector<T>&& part) {
  into.insert(into.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
}

}  // namespace

void outbox_marks::note(std::string id, store::outbox::state end, std::string gateway) {
  const std::scoped_lock lock(mutex_);
  unmarked_.insert(id);
  ends_.push_back({std::move(id), end, std::move(gateway)});
}

void outbox_marks::note(store::deliveries::attempt done) {
  const std::scoped_lock lock(mutex_);
  if (attempts_.size() >= max_attempts_kept) attempts_.erase(attempts_.begin());
  attempts_.push_back(std::move(done));
}

bool outbox_marks::start_flush() {
  const std::scoped_lock lock(mutex_);
  const bool start = !flushing_ && !(ends_.empty() && attempts_.empty());
  if (start) flushing_ = true;
  return start;
}

std::size_t outbox_marks::outstanding() const {
  const std::scoped_lock lock(mutex_);
  return unmarked_.size();
}

bool outbox_marks::awaits_mark(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  return unmarked_.count(id) != 0;
}

outbox_marks::batch outbox_marks::take() {
  const std::scoped_lock lock(mutex_);
  batch taken{take_front(ends_, marks_per_job), take_front(attempts_, marks_per_job)};
  if (taken.empty()) flushing_ = false;
  return taken;
}

void outbox_marks::give_back(batch part) {
  const std::scoped_lock lock(mutex_);
  put_back(ends_, std::move(part.ends));
  put_back(attempts_, std::move(part.attempts));
  flushing_ = false;  // the next hand-over or sweep tries again
}

runtime::awaitable<void> outbox_marks::flush() {
  for (;;) {
    batch part = take();
    if (part.empty()) co_return;
    const bool written = co_await write(part);
    if (!written) {
      give_back(std::move(part));
      co_return;
    }
    const std::scoped_lock lock(mutex_);
    for (const mark& each : part.ends)
      unmarked_.erase(each.id);
  }
}

runtime::awaitable<bool> outbox_marks::write(const batch& part) {
  // One statement for several rows with the same end at the same gateway.
  std::map<std::pair<store::outbox::state, std::string>, std::vector<std::string>> groups;
  for (const mark& each : part.ends)
    groups[{each.end, each.gateway}].push_back(each.id);
  const core::epoch_ms now = clock_.now();
  auto work = [&](store::transaction& in) -> core::result<void> {
    for (const auto& [end, ids] : groups)
      store::outbox::finish(in, ids, end.first, end.second, now);
    store::deliveries::record_attempts(in, part.attempts);
    return {};
  };
  const std::string& key = part.ends.empty() ? part.attempts.front().message_id : part.ends.front().id;
  const auto done = co_await database_.write(key, work);
  co_return done.has_value();
}

}  // namespace smsauth::service
