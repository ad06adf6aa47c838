// The one bind of a gateway: keeps a transceiver session with the SMSC alive, comes back when it is lost, and carries
// submit_sm through a window of outstanding ones.
#pragma once

#include "sms/gateway.hpp"
#include "sms/smpp/pdu.hpp"
#include "sms/smpp/receipt_text.hpp"
#include "sms/smpp/window.hpp"
#include "sms/smpp/wire.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace smsauth::sms::smpp {

struct link_settings {
  std::string name;  ///< of the gateway, for the log
  std::string host;
  std::string port = "2775";
  bool tls = false;
  std::string ca_file;  ///< PEM; empty = the system store
  bind_request bind;
  std::size_t window = 10;                  ///< outstanding submit_sm
  std::int64_t enquire_ms = 30'000;         ///< silence after which the link is probed
  std::int64_t connect_timeout_ms = 5'000;  ///< name, TCP, TLS and bind together
  std::int64_t response_timeout_ms = 10'000;
  receipt_id id_form = receipt_id::opaque;
};

inline constexpr std::int64_t first_pause_ms = 1'000;  ///< before the second attempt; doubled from then on
inline constexpr std::int64_t longest_pause_ms = 30'000;
inline constexpr std::int64_t throttle_pause_ms = 1'000;  ///< without new submits, after an SMSC that had too many
inline constexpr std::int64_t closing_ms = 1'000;         ///< for our own side to notice that the connection was closed
/// A session that lasted so long was a good one: the pauses begin anew.
inline constexpr std::int64_t steady_session_ms = 30'000;

/// What became of one submit_sm.
struct submit_end {
  enum class kind : std::uint8_t {
    answered,  ///< with `status`, and `message_id` when that is 0
    not_sent,  ///< no octet was written; `reason` and `code` tell why
    unknown,   ///< written, at least in part, and no answer that can be read; `code` tells why
  };
  kind what = kind::not_sent;
  std::uint32_t status = 0;
  std::string message_id;
  rejection reason = rejection::retry_later;
  std::string code;
};

/// Every call comes from the thread that runs `where`.
class link : public std::enable_shared_from_this<link> {
 public:
  using clock = window::clock;
  using timer_type = window::timer_type;

  /// Throws boost::system::system_error when the CA file cannot be read, std::invalid_argument when a field of the bind
  /// is longer than the protocol has room for.
  link(boost::asio::io_context& where, link_settings settings, receipt_sink receipts);

  void start();
  /// No new submits; waits for the answers to those that are out, unbinds, closes. Within response_timeout_ms, and
  /// closing_ms when the peer does not answer.
  static awaitable<void> stop(std::shared_ptr<link> self);
  /// At once, and no receipt is told any more: for owners that go away.
  void abandon() noexcept;

  /// Waits until `place_by` for a session and a place in the window, first come, first served; then until `answer_by`,
  /// and response_timeout_ms at most, for the answer. Fails at once when there can be no session until `place_by`.
  /// `what` lives until the coroutine ends.
  static awaitable<submit_end> submit(std::shared_ptr<link> self, const short_message& what, clock::time_point place_by,
                                      clock::time_point answer_by);

 private:
  struct pending;

  static awaitable<void> run(std::shared_ptr<link> self);
  static awaitable<void> live(std::shared_ptr<link> self);
  static awaitable<std::string_view> bind(std::shared_ptr<link> self);
  static awaitable<void> serve(std::shared_ptr<link> self);
  static awaitable<void> pause(std::shared_ptr<link> self);
  static awaitable<void> wait_for_change(std::shared_ptr<link> self, clock::time_point until);

  void take(const std::string& octets);
  void take_response(const pdu& response, bool readable);
  void take_request(const pdu& request);
  void refuse_request(const pdu_header& request);
  void tell_receipt(const short_message& what);
  void answer(const pdu& request, command id, pdu_body body = {});
  void end_session(std::string_view why);

  void came_up();
  void went_down(std::string_view failure);
  void lose_pending();
  void give_place();
  void slow_down();
  bool hopeless(clock::time_point place_by) const;
  submit_end not_sent() const;
  submit_end end_of(pending& me);

  std::uint32_t next_sequence() noexcept;
  void alarm_in(std::int64_t ms);
  void alarm();
  void probe();

  boost::asio::io_context& where_;
  const link_settings settings_;
  receipt_sink receipts_;
  std::unique_ptr<boost::asio::ssl::context> tls_;

  std::shared_ptr<wire> wire_;  ///< of the current attempt or session
  bool running_ = false;
  bool stopping_ = false;
  bool draining_ = false;  ///< stop() waits
  bool bound_ = false;
  std::string_view ended_by_;  ///< why we ended the session, when it was not the peer or the network
  std::uint32_t sequence_ = 0;
  std::uint32_t bind_sequence_ = 0;
  std::optional<std::uint32_t> bind_status_;

  rejection failure_reason_ = rejection::retry_later;  ///< of the last attempt
  std::string failure_code_ = "no_link";
  bool refused_ = false;  ///< the last attempt ended with a bind that the SMSC refused for good
  clock::time_point bound_at_;
  clock::time_point next_attempt_ = clock::time_point::min();
  std::int64_t pause_ms_ = first_pause_ms;
  std::minstd_rand jitter_;

  window window_;
  std::map<std::uint32_t, pending*> pending_;

  timer_type alarm_;
  clock::time_point alarm_at_ = clock::time_point::max();
  clock::time_point heard_at_;
  clock::time_point probed_at_;
  bool probing_ = false;
  timer_type throttle_timer_;
  timer_type pause_timer_;
  timer_type stop_timer_;  ///< stop() waits on it; cancelled whenever it may have what it waits for
};

}  // namespace smsauth::sms::smpp
