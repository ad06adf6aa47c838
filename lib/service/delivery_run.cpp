#include "service/delivery_run.hpp"

#include "crypto/random.hpp"
#include "sms/segments.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <span>

namespace smsauth::service {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::int64_t patience_with_alternative_ms = 2'000;  ///< for a turn, while another gateway could be asked
constexpr std::int64_t lease_slack_ms = 3'000;                ///< clocks of two nodes differ a little
constexpr std::int64_t longest_nap_ms = 250;                  ///< how soon a pause notices that the process stops

// From half to all of it, so that messages of one outage do not come back together.
std::int64_t with_jitter(std::int64_t ms) {
  std::uint32_t drawn = 0;
  crypto::random_bytes(std::as_writable_bytes(std::span(&drawn, 1)));
  return ms / 2 + static_cast<std::int64_t>(drawn) % (ms / 2 + 1);
}

}  // namespace

bool may_fail_over(const sms::outcome& result, bool failover_when_limited) noexcept {
  if (result.what != sms::outcome::kind::rejected) return false;
  switch (result.reason) {
    case sms::rejection::auth_config:
    case sms::rejection::insufficient_funds:
    case sms::rejection::retry_later:
    case sms::rejection::content_or_template:
      return true;
    case sms::rejection::rate_limited:
      return failover_when_limited;
    case sms::rejection::bad_number:
    case sms::rejection::blocked_number:
    case sms::rejection::permanent:
      break;
  }
  return false;
}

void log_delivery(const sms::message& what, std::string_view gateway, const sms::outcome& result,
                  std::int64_t took_ms) {
  const bool refused = result.what == sms::outcome::kind::rejected;
  const bool fine = result.what == sms::outcome::kind::accepted;
  telemetry::log(fine ? telemetry::log_level::info : telemetry::log_level::warning, "delivery",
                 {{"message", std::string_view(what.id)},
                  {"gateway", gateway},
                  {"outcome", sms::to_string(result.what)},
                  {"class", refused ? sms::to_string(result.reason) : std::string_view(fine ? "-" : "ambiguous")},
                  {"provider_code", std::string_view(result.provider_code)},
                  {"ms", took_ms}});
}

runtime::awaitable<delivery_end> delivery_run::run() {
  const std::vector<std::size_t> order = shared_.routes_.plan(what_);
  for (std::int64_t round = 0;; ++round) {
    bool worth_waiting = false;
    for (std::size_t i = 0; i < order.size(); ++i) {
      gateway_desk& desk = *shared_.routes_.desks()[order[i]];
      const bool last = i + 1 == order.size();
      const step next = co_await ask(desk, last);
      if (next == step::ended) co_return end_;
      worth_waiting = worth_waiting || next == step::wait;
    }
    if (!worth_waiting || calls_ >= shared_.settings_.tries) {
      finish(store::outbox::state::failed, delivery_end::refused, last_gateway_);
      co_return end_;
    }
    co_await pause(round);
    if (shared_.stopping_) co_return delivery_end::left_over;
  }
}

runtime::awaitable<delivery_run::step> delivery_run::ask(gateway_desk& desk, bool last) {
  const core::epoch_ms now = shared_.clock_.now();
  if (what_.deadline <= now) co_return finish(store::outbox::state::expired, delivery_end::left_over, last_gateway_);
  if (shared_.stopping_) co_return step::ended;
  switch (desk.ask(what_.to, now)) {
    case gateway_desk::gate::number_limit: {
      // The vendor would refuse: known without asking it.
      const sms::outcome known = sms::outcome::rejected(sms::rejection::rate_limited, "number_limit");
      note_attempt(desk, known, now, 0);
      if (may_fail_over(known, desk.settings().failover_when_limited)) co_return step::next;
      co_return finish(store::outbox::state::failed, delivery_end::refused, desk.gateway().name());
    }
    case gateway_desk::gate::circuit_open: {
      const std::string name(desk.gateway().name());
      if (skipped_.find(name) == std::string::npos) {
        skipped_.append(name).append(1, ' ');
        note_attempt(desk, sms::outcome::rejected(sms::rejection::retry_later, "circuit_open"), now, 0);
      }
      co_return step::wait;
    }
    case gateway_desk::gate::open:
      break;
  }
  const std::int64_t left = what_.deadline - now;
  const std::int64_t patience = last ? left : std::min(left, patience_with_alternative_ms);
  const bool turn = co_await desk.take_turn(steady::now() + std::chrono::milliseconds(patience));
  if (!turn) {
    desk.skip();
    co_return step::wait;
  }
  co_return co_await call(desk);
}

runtime::awaitable<delivery_run::step> delivery_run::call(gateway_desk& desk) {
  const bool ours = co_await keep_lease(desk.gateway().longest_call_ms() + lease_slack_ms);
  const core::epoch_ms started = shared_.clock_.now();
  if (!ours || shared_.stopping_ || what_.deadline <= started) {
    desk.give_turn_unused();
    if (!ours || shared_.stopping_) co_return step::ended;
    co_return finish(store::outbox::state::expired, delivery_end::left_over, last_gateway_);
  }
  ++calls_;
  const auto begun = steady::now();
  const sms::outcome result = co_await desk.gateway().send(what_);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - begun).count();
  desk.give_turn(what_.to, result, shared_.clock_.now());
  last_gateway_ = desk.gateway().name();
  note_attempt(desk, result, started, took);
  telemetry::count_gateway_call(last_gateway_, sms::to_string(result.what), took);
  switch (result.what) {
    case sms::outcome::kind::accepted:
      co_return finish(store::outbox::state::handed_over, delivery_end::sent, last_gateway_);
    case sms::outcome::kind::partial:
    case sms::outcome::kind::unknown:
      // It may have gone out: never again on its own (rule 0.5 of the gateways).
      co_return finish(store::outbox::state::unknown, delivery_end::sent, last_gateway_);
    case sms::outcome::kind::rejected:
      break;
  }
  if (!may_fail_over(result, desk.settings().failover_when_limited))
    co_return finish(store::outbox::state::failed, delivery_end::refused, last_gateway_);
  co_return result.reason == sms::rejection::retry_later ? step::wait : step::next;
}

runtime::awaitable<bool> delivery_run::keep_lease(std::int64_t needed_ms) {
  const core::epoch_ms now = shared_.clock_.now();
  if (lease_end_ - now >= needed_ms) co_return true;
  store::outbox::message_row row;
  row.id = what_.id;
  row.phone = what_.to;
  row.purpose = core::to_string(what_.purpose);
  const core::epoch_ms until = now + std::max(dispatcher::lease_ms, 2 * needed_ms);
  auto work = [&](store::transaction& in) -> core::result<bool> {
    return store::outbox::renew(in, row, shared_.node_, now, until);
  };
  const auto renewed = co_await shared_.database_.write(row.phone, work);
  if (!renewed || !*renewed) co_return false;
  lease_end_ = until;
  co_return true;
}

runtime::awaitable<void> delivery_run::pause(std::int64_t round) {
  const delivery_settings& settings = shared_.settings_;
  const std::int64_t doubled = settings.first_pause_ms << std::min<std::int64_t>(round, 10);
  const std::int64_t wanted = with_jitter(std::min(settings.longest_pause_ms, doubled));
  const std::int64_t left = std::max<std::int64_t>(1, what_.deadline - shared_.clock_.now());
  const auto until = steady::now() + std::chrono::milliseconds(std::min(wanted, left));
  const auto executor = co_await boost::asio::this_coro::executor;
  gateway_desk::timer_type timer(executor);
  const auto as_tuple = boost::asio::as_tuple(runtime::use_awaitable_t{});
  while (!shared_.stopping_ && steady::now() < until) {
    timer.expires_at(std::min(until, steady::now() + std::chrono::milliseconds(longest_nap_ms)));
    co_await timer.async_wait(as_tuple);
  }
}

delivery_run::step delivery_run::finish(store::outbox::state state, delivery_end end, std::string_view gateway) {
  shared_.marks_.note(what_.id, state, std::string(gateway));
  end_ = end;
  return step::ended;
}

void delivery_run::note_attempt(const gateway_desk& desk, const sms::outcome& result, core::epoch_ms started,
                                std::int64_t took_ms) {
  store::deliveries::attempt done;
  done.message_id = what_.id;
  last_started_ = std::max(started, last_started_ + 1);
  done.started_at = last_started_;
  done.gateway = desk.gateway().name();
  done.outcome = sms::to_string(result.what);
  if (result.what == sms::outcome::kind::rejected) done.rejection = sms::to_string(result.reason);
  done.provider_code = result.provider_code;
  done.provider_id = result.provider_id;
  done.parts = static_cast<std::int64_t>(sms::count_segments(what_.text).parts);
  done.took_ms = took_ms;
  log_delivery(what_, done.gateway, result, took_ms);
  shared_.marks_.note(std::move(done));
}

}  // namespace smsauth::service
