#include "service/maintenance.hpp"

#include "service/ids.hpp"
#include "store/counter_store.hpp"
#include "store/grant_store.hpp"
#include "store/outbox_store.hpp"
#include "store/session_store.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>


namespace smsauth::service {

namespace {

constexpr std::chrono::milliseconds round{1'000};
constexpr std::int64_t purge_interval_ms = 10'000;
constexpr std::int64_t purge_rows = 1'000;

bool due(core::epoch_ms& last, core::epoch_ms now, std::int64_t interval) {
  if (now - last < interval) return false;
  last = now;
  return true;
}

}  // namespace

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
    co_await flush_counters();
    if (due(swept, now, dispatcher::sweep_interval_ms)) co_await shared_.outbox.sweep();
    if (due(reloaded, now, keyring::reload_interval_ms)) co_await reload_keys();
    if (due(purged, now, purge_interval_ms)) co_await purge();
    pause.expires_after(round);
    if (!stopped_) co_await pause.async_wait(token);
  }
  {
    const std::scoped_lock lock(mutex_);
    pause_ = nullptr;
  }
  co_await flush_counters();
  co_await shared_.outbox.flush_marks();
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
  const address_limiter::work todo = shared_.addresses.take_work(shared_.time.now());
  if (todo.add.empty()) co_return;
  const std::string& node = shared_.addresses.node();
  auto write = [&](store::transaction& in) -> core::result<std::vector<std::int64_t>> {
    for (const auto& each : todo.add) store::counters::add(in, each, node);
    std::vector<std::int64_t> elsewhere;
    for (const auto& each : todo.read) elsewhere.push_back(store::counters::others(in, each, node));
    return elsewhere;
  };
  const auto done = co_await shared_.database.write(node, write);
  if (!done) {
    shared_.addresses.give_back(todo);
    co_return;
  }
  for (std::size_t i = 0; i < todo.read.size(); ++i) shared_.addresses.learned(todo.read[i], (*done)[i]);
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
    telemetry::log(telemetry::log_level::error, "keys", {{"what", std::string_view("a key in the database is sealed by another master key")}});
  }
}

runtime::awaitable<void> maintenance::purge() {
  const core::epoch_ms now = shared_.time.now();
  auto work = [&](store::transaction& in) -> core::result<void> {
    store::outbox::purge(in, id_floor(now - dispatcher::retention_ms), purge_rows);
    return {};
  };
  co_await shared_.database.write("purge", work);
  // Cursors go round the tables, a range at a time; a dead session is kept a day for the support desk.
  const core::epoch_ms dead_before = now - core::ms_per_day;
  auto sessions = [&](store::transaction& in) -> core::result<std::string> {
    return store::sessions::purge_after(in, session_cursor_, dead_before, purge_rows);
  };
  if (auto last = co_await shared_.database.write("purge", sessions)) session_cursor_ = *last;
  auto tokens = [&](store::transaction& in) -> core::result<std::string> {
    return store::grants::purge_bind_tokens_after(in, token_cursor_, now, purge_rows);
  };
  if (auto last = co_await shared_.database.write("purge", tokens)) token_cursor_ = *last;
  auto addresses = [&](store::transaction& in) -> core::result<std::string> {
    return store::counters::purge_after(in, address_cursor_, now, purge_rows);
  };
  if (auto last = co_await shared_.database.write("purge", addresses)) address_cursor_ = *last;
}

}  // namespace smsauth::service
