// One connection's requests and replies, without its socket: reads requests, finds their routes, answers what needs no
// handler, writes replies, logs them. The buffers a connection needs while it is busy are here; idle ones have none.
#pragma once

#include "http/client_address.hpp"
#include "http/edge.hpp"
#include "http/request_reader.hpp"
#include "http/response.hpp"
#include "http/router.hpp"
#include "telemetry/event.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::http {

/// The other end of a socket.
struct peer {
  peer(const boost::asio::ip::address& a, const trusted_proxies& proxies)
      : address(a), client(a), trusted(proxies.contains(a)) {}

  boost::asio::ip::address address;
  client_address client;
  bool trusted;  ///< its X-Forwarded-For and X-Request-Id count
};

class conversation {
 public:
  enum class step : std::uint8_t {
    read,   ///< send output(), then fill input_space()
    serve,  ///< run route_handler() on request(), then finish() or fail()
    send,   ///< send output(); then let other connections have their turn, there is more to do here
    close,  ///< send output(), then end the connection
  };

  explicit conversation(edge& shared) : edge_(shared), reader_(shared.settings.limits) {}
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;

  /// Starts over for a connection; `who` outlives the attachment.
  void attach(const peer& who);

  /// Deals with everything that came, up to the next thing that the connection has to do.
  step advance();

  std::span<char> input_space() { return reader_.space(); }
  void received(std::size_t count) noexcept { reader_.received(count); }

  const handler& route_handler() const noexcept { return match_.target->serve; }
  http::request& request() noexcept { return reader_.request(); }
  /// The handler's reply. May throw what a group's filter throws; fail() is next then.
  void finish(response reply);
  /// Call in a catch block: the handler threw. Answers 500 and logs the type of the exception, never its text: it may
  /// hold values.
  void fail();

  /// The handler took too long: writes 503. The handler may still be running and keeps its request; nothing else
  /// follows.
  void give_up_handler();
  /// The rest of a request took too long: writes 408.
  void give_up_reading();

  std::string_view output() const noexcept { return std::string_view(output_).substr(sent_); }
  void sent(std::size_t count) noexcept;

  /// Nothing came since the last reply: the connection is idle.
  bool idle() const noexcept { return reader_.empty(); }
  bool reading_body() const noexcept { return reading_body_; }
  /// The client may have sent more than we read, so closing at once could cost it the reply (RFC 9112 section 9.6).
  bool must_linger() const noexcept { return linger_; }
  /// When the request in hand was complete.
  edge::clock::time_point started() const noexcept { return started_; }

 private:
  enum class afterwards : std::uint8_t { go_on, close };

  bool dispatch();
  void begin_event();
  void find_route();
  void set_request_id();
  void set_client();
  void answer_options();
  void answer_busy();
  void answer_error(int status, std::string_view outcome, afterwards next);
  /// Has the path's group a shape of its own for errors?
  bool has_shape() const { return match_.group != nullptr && match_.group->on_error; }
  response error_response(int status);
  void apply_filter(response& reply) const;
  void write(const response& reply, bool close);
  void log_reply(int status);

  edge& edge_;
  const peer* peer_ = nullptr;
  request_reader reader_;
  telemetry::event event_;
  match match_;
  std::vector<std::string_view> forwarded_;
  edge::clock::time_point started_;
  std::string output_;
  std::size_t sent_ = 0;
  std::size_t replies_waiting_ = 0;
  bool closing_ = false;
  bool linger_ = false;
  bool reading_body_ = false;
  bool continue_sent_ = false;
};

}  // namespace smsauth::http
