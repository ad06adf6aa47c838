#include "service/dispatcher.hpp"

#include "core/phone_number.hpp"
#include "crypto/seal.hpp"
#include "service/delivery_run.hpp"
#include "service/ids.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace smsauth::service {

namespace {

constexpr std::int64_t sweep_rows = 64;
constexpr char separator = '\n';  // codes and language names hold no line ends; the text comes last

std::string associated_data(std::string_view id, std::string_view phone) {
  return std::string(id) + ' ' + std::string(phone);
}

bool split_body(const std::string& body, sms::message& into) {
  const auto first = body.find(separator);
  if (first == std::string::npos) return false;
  const auto second = body.find(separator, first + 1);
  if (second == std::string::npos) return false;
  into.code = body.substr(0, first);
  into.language = body.substr(first + 1, second - first - 1);
  into.text = body.substr(second + 1);
  return true;
}

void log_exception(const std::exception_ptr& error) {
  if (error)
    telemetry::log(telemetry::log_level::error, "bug", {{"what", std::string_view("exception in the dispatcher")}});
}

runtime::awaitable<void> flush_in_background(outbox_marks& marks) {
  co_await marks.flush();
}

}  // namespace

// A request that waits for the end of its message, on its own I/O thread.
struct dispatcher::listener {
  explicit listener(const boost::asio::io_context::executor_type& own) : timer(own) {}
  gateway_desk::timer_type timer;
  std::optional<delivery_end> end;
};

dispatcher::dispatcher(database_lanes& database, const delivery_routes& routes, const crypto::sub_key& seal,
                       clock& time, std::string node, delivery_settings settings)
    : database_(database),
      routes_(routes),
      seal_(seal),
      clock_(time),
      node_(std::move(node)),
      settings_(settings),
      marks_(database, time) {}

std::string dispatcher::sealed_body(const sms::message& what) const {
  std::string body;
  body.reserve(what.code.size() + what.language.size() + what.text.size() + 2);
  body.append(what.code).append(1, separator).append(what.language).append(1, separator).append(what.text);
  return crypto::seal(seal_, body, associated_data(what.id, what.to));
}

bool dispatcher::begin(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  return in_delivery_.size() < settings_.queue && in_delivery_.insert(id).second;
}

void dispatcher::end(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  in_delivery_.erase(id);
}

bool dispatcher::in_hand(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  return in_delivery_.count(id) != 0;
}

std::size_t dispatcher::in_delivery() const {
  const std::scoped_lock lock(mutex_);
  return in_delivery_.size();
}

void dispatcher::flush_soon(const boost::asio::io_context::executor_type& where) {
  // One flush at a time collects what is handed over meanwhile: marks share a transaction without waiting for it.
  if (marks_.start_flush()) boost::asio::co_spawn(where, flush_in_background(marks_), log_exception);
}

runtime::awaitable<delivery_end> dispatcher::hand_over(const sms::message& what) {
  if (routes_.local() != nullptr) {
    const delivery_end ended = co_await deliver_locally(what);
    const auto executor = co_await boost::asio::this_coro::executor;
    flush_soon(executor);
    co_return ended;
  }
  // No room: the row stays in the outbox, and the sweep takes it when its lease has run out.
  if (!begin(what.id)) co_return delivery_end::pending;
  if (settings_.wait_ms > 0 && what.dialect == core::dialect::discuzq) co_return co_await wait_for_end(what);
  deliver_remotely(what, lease_until(clock_.now()), nullptr);
  co_return delivery_end::pending;
}

runtime::awaitable<delivery_end> dispatcher::wait_for_end(const sms::message& what) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto told = std::make_shared<listener>(executor);
  told->timer.expires_after(std::chrono::milliseconds(settings_.wait_ms));
  deliver_remotely(what, lease_until(clock_.now()), told);
  const auto as_tuple = boost::asio::as_tuple(runtime::use_awaitable_t{});
  if (!told->end) co_await told->timer.async_wait(as_tuple);
  co_return told->end.value_or(delivery_end::pending);
}

runtime::awaitable<delivery_end> dispatcher::deliver_locally(const sms::message& what) {
  sms::gateway& gateway = *routes_.local();
  const std::string name(gateway.name());
  if (what.deadline <= clock_.now()) {
    marks_.note(what.id, store::outbox::state::expired, {});
    co_return delivery_end::left_over;
  }
  const sms::outcome result = co_await gateway.send(what);
  switch (result.what) {
    case sms::outcome::kind::accepted:
      marks_.note(what.id, store::outbox::state::handed_over, name);
      co_return delivery_end::sent;
    case sms::outcome::kind::partial:
    case sms::outcome::kind::unknown:
      // It may have gone out: never again on its own (rule 0.5 of the gateways).
      marks_.note(what.id, store::outbox::state::unknown, name);
      break;
    case sms::outcome::kind::rejected:
      // Trouble that passes leaves the row pending: the sweep tries again when the lease has run out.
      if (result.reason != sms::rejection::retry_later) marks_.note(what.id, store::outbox::state::failed, name);
      break;
  }
  log_delivery(what, name, result, 0);
  // Told to whoever asked, as long as the sweep will not try again.
  const bool refused = result.what == sms::outcome::kind::rejected && result.reason != sms::rejection::retry_later;
  co_return refused ? delivery_end::refused : delivery_end::pending;
}

void dispatcher::deliver_remotely(sms::message what, core::epoch_ms lease_end, std::shared_ptr<listener> told) {
  boost::asio::co_spawn(routes_.where(), run_delivery(std::move(what), lease_end, std::move(told)), log_exception);
}

runtime::awaitable<void> dispatcher::run_delivery(sms::message what, core::epoch_ms lease_end,
                                                  std::shared_ptr<listener> told) {
  const std::string id = what.id;
  delivery_run delivery(*this, std::move(what), lease_end);
  const delivery_end ended = co_await delivery.run();
  end(id);
  const auto executor = co_await boost::asio::this_coro::executor;
  flush_soon(executor);
  if (!told) co_return;
  boost::asio::post(told->timer.get_executor(), [told, ended] {
    told->end = ended;
    told->timer.cancel();
  });
}

runtime::awaitable<void> dispatcher::close_unsent(const std::string& id, std::string_view why) {
  marks_.note(id, store::outbox::state::handed_over, std::string(why));
  const auto executor = co_await boost::asio::this_coro::executor;
  flush_soon(executor);
}

runtime::awaitable<void> dispatcher::sweep() {
  co_await flush_marks();
  const core::epoch_ms now = clock_.now();
  // A younger row still has the lease it was born with; the first sweep of a process looks at all.
  const std::string below = id_floor(swept_to_.empty() ? now + 1 : now - lease_ms);
  std::string from = swept_to_;
  bool oldest_known = false;
  for (;;) {
    auto find = [&](store::transaction& in) -> core::result<std::vector<store::outbox::message_row>> {
      return store::outbox::find_pending(in, from, below, sweep_rows);
    };
    const auto found = co_await database_.read(find);
    if (!found) co_return;
    if (!oldest_known) oldest_pending_ = found->empty() ? 0 : found->front().created_at;
    if (!oldest_known) swept_to_ = found->empty() ? std::max(swept_to_, id_floor(now - lease_ms)) : found->front().id;
    oldest_known = true;
    for (const store::outbox::message_row& row : *found) {
      // What went out and could not be marked yet is pending in the database only: never sent twice by this process.
      if (row.lease_until <= now && !marks_.awaits_mark(row.id) && !in_hand(row.id)) co_await take_over(row);
    }
    if (found->size() < static_cast<std::size_t>(sweep_rows)) break;
    from = found->back().id + '0';  // the least id above it
  }
  co_await flush_marks();
}

runtime::awaitable<void> dispatcher::take_over(const store::outbox::message_row& row) {
  if (routes_.local() == nullptr && !begin(row.id)) co_return;  // no room: the next sweep
  const core::epoch_ms now = clock_.now();
  auto claim = [&](store::transaction& in) -> core::result<bool> {
    return store::outbox::take_over(in, row.id, node_, now, lease_until(now));
  };
  const auto mine = co_await database_.write(row.id, claim);
  if (!mine || !*mine) {
    end(row.id);
    co_return;
  }
  sms::message what;
  what.id = row.id;
  what.to = row.phone;
  what.purpose = core::parse_purpose(row.purpose).value_or(core::purpose::login);
  what.created_at = row.created_at;
  what.deadline = row.expires_at;
  for (const auto each : {core::dialect::discuzq, core::dialect::v4, core::dialect::smssend, core::dialect::module}) {
    if (core::to_string(each) == row.dialect) what.dialect = each;
  }
  const auto body = crypto::open(seal_, row.sealed_body, associated_data(row.id, row.phone));
  if (!body || !split_body(*body, what)) {
    telemetry::log(telemetry::log_level::error, "delivery",
                   {{"message", std::string_view(row.id)}, {"outcome", std::string_view("unreadable")}});
    marks_.note(row.id, store::outbox::state::failed, {});
    end(row.id);
    co_return;
  }
  if (routes_.local() != nullptr) {
    co_await deliver_locally(what);
  } else {
    deliver_remotely(std::move(what), lease_until(now), nullptr);
  }
}

}  // namespace smsauth::service
