#include "service/maintenance.hpp"

#include "service/ids.hpp"
#include "store/counter_store.hpp"
#include "store/purge.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace smsauth::service {

namespace {

constexpr std::chrono::milliseconds round{1'000};
constexpr std::int64_t purge_interval_ms = 10'000;
constexpr std::int64_t purge_rows = 200;
constexpr std::chrono::milliseconds purge_time{200};
constexpr std::size_t counters_per_unit = 64;

bool due(core::epoch_ms& last, core::epoch_ms now, std::int64_t interval) {
  if (now - last < interval) return false;
  last = now;
  return true;
}

// One failing round must not end all later ones.
runtime::awaitable<void> guarded(runtime::awaitable<void> step) {
  try {
    co_await std::move(step);
  } catch (const std::exception&) {
    telemetry::log(telemetry::log_level::error, "bug", {{"what", std::string_view("exception in maintenance")}});
  }
}

}  // namespace

std::array<maintenance::purge_cursor, maintenance::table_count> maintenance::make_cursors() {
  std::array<purge_cursor, table_count> all;
  for (std::size_t i = 0; i < table_count; ++i)
    all[i].table = store::purge::all_tables[i];
  return all;
}

runtime::awaitable<void> maintenance::run() {
  running_ = true;
  const auto executor = co_await boost::asio::this_coro::executor;
  timer_type pause(executor);
  {
    const std::scoped_lock lock(mutex_);
    pause_ = &pause;
  }
  const auto token = boost::asio::as_tuple(runtime::use_awaitable_t{});
  core::epoch_ms swept = 0;
  core::epoch_ms reloaded = shared_.time.now();
  core::epoch_ms purged = reloaded;
  while (!stopped_) {
    const core::epoch_ms now = shared_.time.now();
    co_await guarded(flush_counters());
    co_await guarded(shared_.refused.flush());
    if (due(swept, now, dispatcher::sweep_interval_ms)) co_await guarded(shared_.outbox.sweep());
    if (due(reloaded, now, keyring::reload_interval_ms)) co_await guarded(reload_keys());
    if (due(purged, now, purge_interval_ms)) co_await guarded(purge());
    pause.expires_after(round);
    if (!stopped_) co_await pause.async_wait(token);
  }
  {
    const std::scoped_lock lock(mutex_);
    pause_ = nullptr;
  }
  co_await guarded(flush_counters());
  co_await guarded(shared_.refused.flush());
  co_await guarded(shared_.outbox.flush_marks());
  running_ = false;
}

void maintenance::stop() {
  stopped_ = true;
  const std::scoped_lock lock(mutex_);
  if (pause_ == nullptr) return;
  // The timer belongs to its I/O thread; the coroutine may be gone by the time this runs there, hence the second look.
  boost::asio::post(pause_->get_executor(), [this] {
    const std::scoped_lock again(mutex_);
    if (pause_ != nullptr) pause_->cancel();
  });
}

runtime::awaitable<void> maintenance::flush_counters() {
  address_limiter::work todo = shared_.addresses.take_work(shared_.time.now());
  // Small units: a flood of addresses must not hold up the requests of a lane.
  while (!todo.empty()) {
    const address_limiter::work part = todo.take(counters_per_unit);
    const bool written = co_await flush_part(part);
    if (written) continue;
    shared_.addresses.give_back(part);
    shared_.addresses.give_back(todo);
    co_return;
  }
}

runtime::awaitable<bool> maintenance::flush_part(const address_limiter::work& part) {
  const std::string& node = shared_.addresses.node();
  auto write = [&](store::transaction& in) -> core::result<std::vector<std::int64_t>> {
    for (const auto& each : part.changed)
      store::counters::add(in, each, node);
    std::vector<std::int64_t> elsewhere;
    for (const auto& each : part.changed)
      elsewhere.push_back(store::counters::others(in, each, node));
    return elsewhere;
  };
  const auto done = co_await shared_.database.write(node, write);
  if (!done) co_return false;
  for (std::size_t i = 0; i < part.changed.size(); ++i)
    shared_.addresses.learned(part.changed[i], (*done)[i]);
  co_return true;
}

runtime::awaitable<void> maintenance::reload_keys() {
  const core::epoch_ms now = shared_.time.now();
  auto read = [&](store::transaction& in) -> core::result<bool> {
    try {
      shared_.keys.load(in, now, false, false);
      return true;
    } catch (const wrong_master_key&) {
      return false;
    }
  };
  const auto done = co_await shared_.database.read(read);
  if (done && !*done) {
    telemetry::log(telemetry::log_level::error, "keys",
                   {{"what", std::string_view("a key in the database is sealed by another master key")}});
  }
}

runtime::awaitable<void> maintenance::purge() {
  const core::epoch_ms now = shared_.time.now();
  const std::string outbox_floor = id_floor(now - dispatcher::retention_ms);
  const store::purge::limits limits{now, outbox_floor, now - dispatcher::retention_ms, purge_rows};
  for (purge_cursor& each : cursors_) {
    // Each table goes on where it stopped, for a bounded time: old rows never pile up, and never hold up requests.
    const auto give_up = std::chrono::steady_clock::now() + purge_time;
    for (bool more = true; more && !stopped_ && std::chrono::steady_clock::now() < give_up;) {
      auto work = [&](store::transaction& in) -> core::result<std::string> {
        return store::purge::range(in, each.table, each.position, limits);
      };
      const auto reached = co_await shared_.database.write("purge", work);
      if (!reached) co_return;
      each.position = *reached;
      more = !each.position.empty();
    }
  }
}

}  // namespace smsauth::service
