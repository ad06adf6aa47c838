#include "net/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <sys/socket.h>
#include <tuple>

namespace smsauth::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr std::uint32_t max_header_bytes = 16 * 1024;

// An error code beside the result, instead of an exception.
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable_t<executor>{});

struct resolution {
  explicit resolution(const executor& where) : resolver(where), timer(where) {}
  asio::ip::basic_resolver<tcp, executor> resolver;
  timer_type timer;
  std::vector<tcp::endpoint> found;
  bool ended = false;
};

std::string_view label_of(const error_code& what) {
  using beast::http::error;
  if (what == error::end_of_stream || what == error::partial_message) return "closed";
  if (what == error::body_limit || what == error::header_limit || what == error::buffer_overflow) return "too_large";
  const bool of_http = what.category() == beast::http::make_error_code(error::end_of_stream).category();
  return of_http ? "malformed" : "closed";
}

using reply_parser = beast::http::parser<false, beast::http::string_body>;

// Whole replies; those of the 1xx kind come before the one that counts (RFC 9110 section 15.2).
template <class Stream>
awaitable<error_code> read_reply(Stream& stream, beast::flat_buffer& buffer, bool head, std::size_t reply_bytes,
                                 std::optional<reply_parser>& parser) {
  for (;;) {
    parser.emplace();
    parser->header_limit(max_header_bytes);
    parser->body_limit(reply_bytes);
    parser->eager(true);
    parser->skip(head);
    const auto [error, bytes] = co_await beast::http::async_read(stream, buffer, *parser, no_throw);
    if (error || parser->get().result_int() >= 200) co_return error;
  }
}

void fill(http_reply& into, reply_parser& parser) {
  auto& message = parser.get();
  into.status = message.result_int();
  for (const auto& field : message) {
    const auto name = field.name_string();
    const auto value = field.value();
    into.headers.push_back({std::string(name.data(), name.size()), std::string(value.data(), value.size())});
  }
  into.body = std::move(message.body());
}

}  // namespace

awaitable<std::vector<tcp::endpoint>> resolve(const std::string& host, const std::string& port,
                                              http_client::clock::time_point deadline) {
  const executor where = co_await asio::this_coro::executor;
  const auto state = std::make_shared<resolution>(where);
  state->timer.expires_at(deadline);
  state->resolver.async_resolve(host, port, [state](const error_code& error, const tcp::resolver::results_type& all) {
    state->ended = true;
    if (!error) {
      for (const auto& each : all)
        state->found.push_back(each.endpoint());
    }
    state->timer.cancel();
  });
  if (!state->ended) co_await state->timer.async_wait(no_throw);
  if (!state->ended) state->resolver.cancel();
  std::vector<tcp::endpoint> found = std::move(state->found);
  co_return found;
}

connection::connection(asio::io_context& where, asio::ssl::context* tls) : timer_(where) {
  if (tls != nullptr) {
    tls_.emplace(socket_type(where), *tls);
  } else {
    plain_.emplace(where);
  }
}

void connection::arm(http_client::clock::time_point deadline) {
  timed_out_ = false;
  const std::uint64_t mine = ++armed_;
  timer_.expires_at(deadline);
  timer_.async_wait([self = shared_from_this(), mine](const error_code& error) {
    if (error || mine != self->armed_) return;
    self->timed_out_ = true;
    error_code ignored;
    self->socket().close(ignored);  // ends whatever waits for it
  });
}

void connection::disarm() {
  ++armed_;
  timer_.cancel();
}

awaitable<std::string_view> connection::open(const base_url& to, http_client::clock::time_point deadline) {
  const std::vector<tcp::endpoint> endpoints = co_await resolve(to.host, to.port, deadline);
  std::string_view failure = "connect";
  arm(deadline);
  for (const tcp::endpoint& each : endpoints) {
    error_code ignored;
    socket().close(ignored);
    const auto [error] = co_await socket().async_connect(each, no_throw);
    if (timed_out_) break;
    if (error) continue;
    socket().set_option(tcp::no_delay(true), ignored);
    failure = {};
    if (tls_) failure = co_await secure(to);  // not in ?: GCC 12 runs it either way
    break;
  }
  disarm();
  co_return failure;
}

awaitable<std::string_view> connection::secure(const base_url& to) {
  auto& stream = *tls_;
  error_code no_address;
  asio::ip::make_address(to.host, no_address);
  // Server names are names (RFC 6066 section 3); addresses are verified all the same.
  if (no_address && SSL_set_tlsext_host_name(stream.native_handle(), to.host.c_str()) != 1) co_return "tls";
  stream.set_verify_callback(asio::ssl::host_name_verification(to.host));
  const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, no_throw);
  if (!error) co_return std::string_view();
  const bool judged = SSL_get_verify_result(stream.native_handle()) != X509_V_OK;
  co_return judged ? std::string_view("certificate") : std::string_view("tls");
}

awaitable<exchange> connection::talk(const std::string& wire, bool head, std::size_t reply_bytes,
                                     http_client::clock::time_point deadline) {
  exchange done;
  reusable_ = false;
  arm(deadline);
  std::tuple<error_code, std::size_t> written;
  if (tls_) {
    written = co_await asio::async_write(*tls_, asio::buffer(wire), no_throw);
  } else {
    written = co_await asio::async_write(*plain_, asio::buffer(wire), no_throw);
  }
  if (std::get<0>(written)) {
    disarm();
    // What TLS counts is not what left: only plain bytes can be known not to have been sent.
    done.end = plain_ && std::get<1>(written) == 0 ? exchange_end::not_sent : exchange_end::unknown;
    done.failure = timed_out_ ? "timeout" : "closed";
    co_return done;
  }
  std::optional<reply_parser> parser;
  error_code error;
  if (tls_) {
    error = co_await read_reply(*tls_, buffer_, head, reply_bytes, parser);
  } else {
    error = co_await read_reply(*plain_, buffer_, head, reply_bytes, parser);
  }
  disarm();
  last_used_ = http_client::clock::now();
  if (error) {
    done.end = exchange_end::unknown;
    done.failure = timed_out_ ? "timeout" : label_of(error);
    co_return done;
  }
  done.end = exchange_end::replied;
  fill(done.reply, *parser);
  reusable_ = parser->keep_alive() && buffer_.size() == 0;
  co_return done;
}

bool connection::alive() noexcept {
  char byte = 0;
  const auto got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace smsauth::net
