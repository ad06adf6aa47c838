#include "service/dispatcher.hpp"

#include "core/phone_number.hpp"
#include "crypto/seal.hpp"
#include "service/ids.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <exception>

namespace smsauth::service {

namespace {

constexpr std::int64_t sweep_rows = 64;
constexpr std::size_t marks_per_job = 64;
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

void log_outcome(const sms::message& what, std::string_view gateway, const sms::outcome& result) {
  const bool refused = result.what == sms::outcome::kind::rejected;
  telemetry::log(telemetry::log_level::warning, "delivery",
                 {{"message", std::string_view(what.id)},
                  {"gateway", gateway},
                  {"outcome", std::string_view(refused ? "rejected" : "unknown")},
                  {"class", refused ? sms::to_string(result.reason) : std::string_view("ambiguous")},
                  {"provider_code", std::string_view(result.provider_code)}});
}

void log_exception(const std::exception_ptr& error) {
  if (error)
    telemetry::log(telemetry::log_level::error, "bug", {{"what", std::string_view("exception in the dispatcher")}});
}

runtime::awaitable<void> flush_in_background(dispatcher& of) {
  co_await of.flush_marks();
}

}  // namespace

dispatcher::dispatcher(database_lanes& database, sms::gateway& gateway, const crypto::sub_key& seal, clock& time,
                       std::string node)
    : database_(database), gateway_(gateway), seal_(seal), clock_(time), node_(std::move(node)) {}

std::string dispatcher::sealed_body(const sms::message& what) const {
  std::string body;
  body.reserve(what.code.size() + what.language.size() + what.text.size() + 2);
  body.append(what.code).append(1, separator).append(what.language).append(1, separator).append(what.text);
  return crypto::seal(seal_, body, associated_data(what.id, what.to));
}

runtime::awaitable<void> dispatcher::hand_over(sms::message& what) {
  co_await deliver(what);
  bool start = false;
  {
    const std::scoped_lock lock(mutex_);
    start = !flushing_ && !marks_.empty();
    if (start) flushing_ = true;
  }
  if (start) {
    const auto executor = co_await boost::asio::this_coro::executor;
    // One flush at a time collects what is handed over meanwhile: marks share a transaction without waiting for it.
    boost::asio::co_spawn(executor, flush_in_background(*this), log_exception);
  }
}

runtime::awaitable<void> dispatcher::deliver(const sms::message& what) {
  const core::epoch_ms now = clock_.now();
  if (what.deadline <= now) {
    note(what.id, store::outbox::state::expired);
    co_return;
  }
  const sms::outcome result = co_await gateway_.send(what);
  switch (result.what) {
    case sms::outcome::kind::accepted:
      note(what.id, store::outbox::state::handed_over);
      break;
    case sms::outcome::kind::partial:
    case sms::outcome::kind::unknown:
      // It may have gone out: never again on its own (rule 0.5 of the gateways).
      log_outcome(what, gateway_.name(), result);
      note(what.id, store::outbox::state::unknown);
      break;
    case sms::outcome::kind::rejected:
      log_outcome(what, gateway_.name(), result);
      // Trouble that passes leaves the row pending: the sweep tries again when the lease has run out.
      if (result.reason != sms::rejection::retry_later) note(what.id, store::outbox::state::failed);
      break;
  }
}

void dispatcher::note(std::string id, store::outbox::state end) {
  const std::scoped_lock lock(mutex_);
  unmarked_.insert(id);
  marks_.push_back({std::move(id), end});
}

std::size_t dispatcher::unmarked() const {
  const std::scoped_lock lock(mutex_);
  return unmarked_.size();
}

bool dispatcher::awaits_mark(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  return unmarked_.count(id) != 0;
}

runtime::awaitable<void> dispatcher::flush_marks() {
  for (;;) {
    std::vector<mark> batch;
    {
      const std::scoped_lock lock(mutex_);
      if (marks_.empty()) {
        flushing_ = false;
        co_return;
      }
      if (marks_.size() <= marks_per_job) {
        batch.swap(marks_);
      } else {
        batch.assign(std::make_move_iterator(marks_.begin()), std::make_move_iterator(marks_.begin() + marks_per_job));
        marks_.erase(marks_.begin(), marks_.begin() + marks_per_job);
      }
    }
    const bool written = co_await write_marks(batch);
    const std::scoped_lock lock(mutex_);
    if (written) {
      for (const mark& each : batch)
        unmarked_.erase(each.id);
    } else {
      marks_.insert(marks_.end(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
      flushing_ = false;  // the next hand-over or sweep tries again
      co_return;
    }
  }
}

runtime::awaitable<bool> dispatcher::write_marks(std::vector<mark> batch) {
  std::array<std::vector<std::string>, 5> by_state;
  for (const mark& each : batch)
    by_state[static_cast<std::size_t>(each.end)].push_back(each.id);
  const core::epoch_ms now = clock_.now();
  auto work = [&](store::transaction& in) -> core::result<void> {
    for (std::size_t state = 0; state < by_state.size(); ++state) {
      if (!by_state[state].empty())
        store::outbox::finish(in, by_state[state], static_cast<store::outbox::state>(state), now);
    }
    return {};
  };
  const auto done = co_await database_.write(batch.front().id, work);
  co_return done.has_value();
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
    if (!oldest_known) swept_to_ = found->empty() ? std::max(swept_to_, id_floor(now - lease_ms)) : found->front().id;
    oldest_known = true;
    for (const store::outbox::message_row& row : *found) {
      // What went out and could not be marked yet is pending in the database only: never sent twice by this process.
      if (row.lease_until <= now && !awaits_mark(row.id)) co_await take_over(row);
    }
    if (found->size() < static_cast<std::size_t>(sweep_rows)) break;
    from = found->back().id + '0';  // the least id above it
  }
  co_await flush_marks();
}

runtime::awaitable<void> dispatcher::take_over(const store::outbox::message_row& row) {
  const core::epoch_ms now = clock_.now();
  auto claim = [&](store::transaction& in) -> core::result<bool> {
    return store::outbox::take_over(in, row.id, node_, now, lease_until(now));
  };
  const auto mine = co_await database_.write(row.id, claim);
  if (!mine || !*mine) co_return;
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
    note(row.id, store::outbox::state::failed);
    co_return;
  }
  co_await deliver(what);
}

}  // namespace smsauth::service
