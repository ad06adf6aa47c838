#include "sms/http_gateway.hpp"

#include "crypto/random.hpp"
#include "net/base_url.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <fstream>
#include <optional>
#include <stdexcept>

namespace smsauth::sms {

namespace {

constexpr std::int64_t min_timeout_ms = 100;
constexpr std::int64_t max_connect_timeout_ms = 10'000;
constexpr std::int64_t max_reply_timeout_ms = 30'000;
constexpr std::int64_t max_connections = 256;
constexpr std::int64_t slack_ms = 500;  ///< what the thread itself may need beside the network
constexpr std::size_t nonce_bytes = 16;

// A provider's format is code of ours over data of others: what it throws is a fault, and must not end the thread.
std::optional<net::http_request> request_of(const provider& format, const message& what, core::epoch_ms now,
                                            const net::http_client& client) {
  try {
    return format.make_request(what, now, crypto::random_hex(nonce_bytes), client.host(), client.path_prefix());
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

outcome outcome_of(const provider& format, const net::exchange& done) {
  switch (done.end) {
    case net::exchange_end::not_sent:
      return outcome::rejected(rejection::retry_later, std::string(done.failure));
    case net::exchange_end::unknown:
      return outcome::unknown(std::string(done.failure));
    case net::exchange_end::replied:
      break;
  }
  try {
    return format.read_reply(done.reply.status, done.reply.body);
  } catch (const std::exception&) {
    return outcome::unknown("malformed");
  }
}

core::epoch_ms wall_clock() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

net::http_client_settings read_http_settings(section& keys, std::string_view base_url) {
  net::http_client_settings read;
  read.base_url = base_url.empty() ? keys.required_text("base-url") : keys.text("base-url", base_url);
  read.ca_file = keys.text("ca-file", "");
  read.connect_timeout_ms =
      keys.integer("connect-timeout-ms", read.connect_timeout_ms, min_timeout_ms, max_connect_timeout_ms);
  read.reply_timeout_ms = keys.integer("reply-timeout-ms", read.reply_timeout_ms, min_timeout_ms, max_reply_timeout_ms);
  read.connections = static_cast<std::size_t>(keys.integer("connections", 16, 1, max_connections));
  const bool insecure = keys.flag("insecure-http", false);
  try {
    const net::base_url to = net::parse_base_url(read.base_url);
    if (!to.tls && !to.loopback && !insecure)
      throw section_error("base-url", "expected https; http to another machine needs insecure-http = on");
  } catch (const std::invalid_argument& error) {
    throw section_error("base-url", error.what());
  }
  if (!read.ca_file.empty() && !std::ifstream(read.ca_file))
    throw section_error("ca-file", "expected a readable file of certificates in PEM");
  return read;
}

http_gateway::http_gateway(std::string name, boost::asio::io_context& where, net::http_client_settings http,
                           std::unique_ptr<provider> format)
    : name_(std::move(name)),
      longest_call_ms_(http.connect_timeout_ms + http.reply_timeout_ms + slack_ms),
      client_(where, std::move(http)),
      format_(std::move(format)) {}

awaitable<outcome> http_gateway::send(const message& what) {
  // Signed with the time of now; the message's deadline is on the same clock.
  const core::epoch_ms now = wall_clock();
  const std::optional<net::http_request> request = request_of(*format_, what, now, client_);
  if (!request) co_return outcome::rejected(rejection::permanent, "format");
  const std::int64_t left = std::clamp<std::int64_t>(what.deadline - now, 1, longest_call_ms_ - slack_ms);
  const auto deadline = net::http_client::clock::now() + std::chrono::milliseconds(left);
  const net::exchange done = co_await client_.send(*request, deadline);
  outcome result = outcome_of(*format_, done);
  // A provider without ids of its own tells of ours.
  if (result.what == outcome::kind::accepted && result.provider_id.empty()) result.provider_id = what.id;
  co_return result;
}

}  // namespace smsauth::sms
