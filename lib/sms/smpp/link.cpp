#include "sms/smpp/link.hpp"

#include "crypto/random.hpp"
#include "sms/smpp/submit.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <exception>
#include <span>

namespace smsauth::sms::smpp {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>{});

std::unique_ptr<asio::ssl::context> make_tls(const link_settings& settings) {
  if (!settings.tls) return nullptr;
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  if (settings.ca_file.empty()) {
    context->set_default_verify_paths();
  } else {
    context->load_verify_file(settings.ca_file);
  }
  return context;
}

std::uint32_t random_seed() {
  std::array<std::uint32_t, 1> seed{};
  crypto::random_bytes(std::as_writable_bytes(std::span(seed)));
  return seed[0];
}

void log_up(const std::string& gateway) {
  telemetry::log(telemetry::log_level::info, "smpp_bound", {{"gateway", gateway}});
}

void log_down(const std::string& gateway, std::string_view why, std::string_view code) {
  telemetry::log(telemetry::log_level::warning, "smpp_down", {{"gateway", gateway}, {"why", why}, {"code", code}});
}

/// A coroutine of ours that ends with an exception is a bug or a lack of memory (pitfall D12).
class report_failure {
 public:
  explicit report_failure(std::string gateway) : gateway_(std::move(gateway)) {}
  void operator()(const std::exception_ptr& failure) const {
    if (failure) telemetry::log(telemetry::log_level::error, "smpp_failed", {{"gateway", gateway_}});
  }

 private:
  std::string gateway_;
};

}  // namespace

link::link(asio::io_context& where, link_settings settings, receipt_sink receipts)
    : where_(where),
      settings_(std::move(settings)),
      receipts_(std::move(receipts)),
      tls_(make_tls(settings_)),
      jitter_(random_seed()),
      window_(where, settings_.window),
      alarm_(where),
      throttle_timer_(where),
      pause_timer_(where),
      stop_timer_(where) {
  encode(make_pdu(command::bind_transceiver, 1, settings_.bind));  // throws now rather than at every attempt
}

void link::start() {
  if (running_ || stopping_) return;
  running_ = true;
  asio::co_spawn(where_, run(shared_from_this()), report_failure(settings_.name));
}

awaitable<void> link::run(std::shared_ptr<link> self) {
  link& l = *self;
  while (!l.stopping_) {
    bool failed = false;
    try {
      co_await live(self);
    } catch (const std::exception&) {  // out of memory, or a sink of receipts that throws: not the end of the link
      failed = true;
    }
    if (failed) l.went_down("failed");
    if (l.stopping_) break;
    co_await pause(self);
  }
  l.running_ = false;
  l.stop_timer_.cancel();
}

awaitable<void> link::live(std::shared_ptr<link> self) {
  link& l = *self;
  const auto connection = std::make_shared<wire>(l.where_, l.tls_.get());
  l.wire_ = connection;
  l.ended_by_ = {};
  l.alarm_in(l.settings_.connect_timeout_ms);
  std::string_view failure = co_await wire::open(connection, l.settings_.host, l.settings_.port);
  if (failure.empty()) failure = co_await bind(self);
  if (failure.empty()) {
    l.came_up();
    co_await serve(self);
    failure = "closed";
  }
  l.went_down(failure);
}

awaitable<std::string_view> link::bind(std::shared_ptr<link> self) {
  link& l = *self;
  const std::shared_ptr<wire> connection = l.wire_;
  l.bind_status_.reset();
  l.bind_sequence_ = l.next_sequence();
  connection->send(encode(make_pdu(command::bind_transceiver, l.bind_sequence_, l.settings_.bind)), l.bind_sequence_);
  std::string octets;
  while (!l.bind_status_) {
    const wire::read_end end = co_await wire::read(connection, octets);
    if (end == wire::read_end::closed) co_return "closed";
    if (end == wire::read_end::bad_length) co_return "malformed";
    l.take(octets);
  }
  if (*l.bind_status_ != status::ok) co_return "refused";
  // stop() has closed what was not bound yet; an unbind may have come right behind the answer.
  if (connection->closed() || !l.ended_by_.empty()) co_return "closed";
  co_return std::string_view();
}

awaitable<void> link::serve(std::shared_ptr<link> self) {
  link& l = *self;
  const std::shared_ptr<wire> connection = l.wire_;
  std::string octets;
  for (;;) {
    const wire::read_end end = co_await wire::read(connection, octets);
    if (end == wire::read_end::closed) break;
    if (end == wire::read_end::pdu) {
      l.take(octets);
      continue;
    }
    connection->send(encode(make_pdu(command::generic_nack, 0, {}, status::invalid_command_length)), 0);
    l.end_session("malformed");
  }
}

/// Half of it is at random, so that many clients of one SMSC do not come back together.
awaitable<void> link::pause(std::shared_ptr<link> self) {
  link& l = *self;
  std::uniform_int_distribution<std::int64_t> around(l.pause_ms_ / 2, l.pause_ms_);
  l.next_attempt_ = clock::now() + milliseconds(around(l.jitter_));
  l.pause_ms_ = std::min(2 * l.pause_ms_, longest_pause_ms);
  l.window_.dismiss_before(l.refused_ ? clock::time_point::max() : l.next_attempt_);
  l.pause_timer_.expires_at(l.next_attempt_);
  co_await l.pause_timer_.async_wait(with_error);
}

void link::came_up() {
  bound_ = true;
  refused_ = false;
  failure_reason_ = rejection::retry_later;
  failure_code_ = "no_link";
  bound_at_ = heard_at_ = clock::now();
  probing_ = false;
  alarm_in(settings_.enquire_ms);
  log_up(settings_.name);
  window_.open();
}

void link::went_down(std::string_view failure) {
  const bool refused = failure == "refused";
  const bool was_bound = bound_at_ != clock::time_point();
  if (was_bound && clock::now() - bound_at_ >= milliseconds(steady_session_ms)) pause_ms_ = first_pause_ms;
  bound_at_ = {};
  if (!ended_by_.empty()) failure = ended_by_;
  failure_reason_ = failure == "certificate" ? rejection::auth_config : rejection::retry_later;
  failure_code_ = failure;
  if (refused) {
    failure_reason_ = bind_rejection_of(*bind_status_);
    failure_code_ = status_code(*bind_status_);
  }
  refused_ = refused && failure_reason_ == rejection::auth_config;
  bound_ = false;
  window_.shut();
  alarm_at_ = clock::time_point::max();
  alarm_.cancel();
  throttle_timer_.cancel();
  lose_pending();
  if (wire_) wire_->close();
  if (!stopping_) log_down(settings_.name, failure, failure_code_);
}

std::uint32_t link::next_sequence() noexcept {
  sequence_ = sequence_ == largest_sequence ? 1 : sequence_ + 1;
  return sequence_;
}

void link::alarm_in(std::int64_t ms) {
  alarm_at_ = clock::now() + milliseconds(ms);
  alarm_.expires_at(alarm_at_);
  alarm_.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->alarm();
  });
}

void link::alarm() {
  const auto now = clock::now();
  if (now < alarm_at_) return;  // it was set anew while this was on its way
  if (!bound_) {
    if (ended_by_.empty()) ended_by_ = "timeout";
    wire_->close();
    return;
  }
  if (probing_ && heard_at_ < probed_at_) {
    ended_by_ = "silent";
    wire_->close();
    return;
  }
  probe();
}

void link::probe() {
  const auto now = clock::now();
  const auto silent_ms = std::chrono::duration_cast<milliseconds>(now - heard_at_).count();
  probing_ = silent_ms >= settings_.enquire_ms;
  if (!probing_) return alarm_in(settings_.enquire_ms - silent_ms);
  probed_at_ = now;
  const std::uint32_t sequence = next_sequence();
  alarm_in(settings_.response_timeout_ms);
  wire_->send(encode(make_pdu(command::enquire_link, sequence)), sequence);
}

awaitable<void> link::wait_for_change(std::shared_ptr<link> self, clock::time_point until) {
  self->stop_timer_.expires_at(until);
  co_await self->stop_timer_.async_wait(with_error);
}

awaitable<void> link::stop(std::shared_ptr<link> self) {
  link& l = *self;
  const auto deadline = clock::now() + milliseconds(l.settings_.response_timeout_ms);
  l.stopping_ = true;
  l.draining_ = true;
  l.window_.dismiss_before(clock::time_point::max());
  l.pause_timer_.cancel();
  if (!l.bound_ && l.wire_) l.wire_->close();
  while (l.bound_ && l.window_.taken() > 0 && clock::now() < deadline)
    co_await wait_for_change(self, deadline);
  if (l.bound_) {
    const std::uint32_t sequence = l.next_sequence();
    l.wire_->send(encode(make_pdu(command::unbind, sequence)), sequence);
  }
  while (l.running_ && clock::now() < deadline)
    co_await wait_for_change(self, deadline);
  if (l.running_ && l.wire_) l.wire_->close();
  const auto last = clock::now() + milliseconds(closing_ms);
  while (l.running_ && clock::now() < last)
    co_await wait_for_change(self, last);
}

void link::abandon() noexcept {
  stopping_ = true;
  draining_ = false;
  receipts_ = nullptr;
  window_.shut();
  if (wire_) wire_->close();
  try {
    alarm_.cancel();
    throttle_timer_.cancel();
    pause_timer_.cancel();
    stop_timer_.cancel();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): they end by themselves
  }
}

}  // namespace smsauth::sms::smpp
