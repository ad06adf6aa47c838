#include "sms/smpp/wire.hpp"

#include "sms/smpp/pdu.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>

namespace smsauth::sms::smpp {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using net::awaitable;

namespace {

using use_awaitable_t = asio::use_awaitable_t<asio::io_context::executor_type>;
constexpr auto with_error = asio::as_tuple(use_awaitable_t{});
using resolver_type = asio::ip::basic_resolver<tcp, asio::io_context::executor_type>;

constexpr std::size_t read_octets = 4096;  ///< at once

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

wire::wire(asio::io_context& where, asio::ssl::context* tls) : where_(where), socket_(where) {
  if (tls != nullptr) tls_.emplace(socket_, *tls);
}

awaitable<std::string_view> wire::open(std::shared_ptr<wire> self, std::string host, std::string port) {
  wire& w = *self;
  resolver_type resolver(w.where_);
  const auto [unresolved, found] = co_await resolver.async_resolve(host, port, with_error);
  if (unresolved) co_return "resolve";
  bool connected = false;
  for (const auto& entry : found) {
    if (w.closed_) co_return "closed";
    error_code ignored;
    w.socket_.close(ignored);
    const tcp::endpoint to = entry.endpoint();
    const auto [error] = co_await w.socket_.async_connect(to, with_error);
    connected = !error;
    if (connected) break;
  }
  if (w.closed_) co_return "closed";
  if (!connected) co_return "connect";
  error_code ignored;
  w.socket_.set_option(tcp::no_delay(true), ignored);
  if (w.tls_) {
    const std::string_view failure = co_await shake_hands(self, host);
    if (!failure.empty()) co_return failure;
  }
  w.open_ = true;
  w.write_next();
  co_return std::string_view();
}

awaitable<std::string_view> wire::shake_hands(std::shared_ptr<wire> self, std::string host) {
  stream_type& tls = *self->tls_;
  error_code error;
  // RFC 6066: a server name is a name, never an address.
  const bool named = is_address(host) || SSL_set_tlsext_host_name(tls.native_handle(), host.c_str()) == 1;
  if (!named) co_return "tls";
  tls.set_verify_mode(asio::ssl::verify_peer, error);
  if (error) co_return "tls";
  const asio::ssl::host_name_verification check(host);
  tls.set_verify_callback(check, error);
  if (error) co_return "tls";
  const auto [failed] = co_await tls.async_handshake(asio::ssl::stream_base::client, with_error);
  if (self->closed_) co_return "closed";
  if (!failed) co_return std::string_view();
  const bool distrusted = SSL_get_verify_result(tls.native_handle()) != X509_V_OK;
  if (distrusted) co_return "certificate";
  co_return "tls";
}

awaitable<wire::read_end> wire::read(std::shared_ptr<wire> self, std::string& octets) {
  wire& w = *self;
  std::array<char, read_octets> chunk;
  while (!w.closed_) {
    if (w.finishing_) w.received_.clear();  // nobody is there to answer it
    const frame_state state = frame_of(w.received_);
    if (state == frame_state::bad_length) co_return read_end::bad_length;
    if (state == frame_state::whole) {
      const std::size_t length = read_header(w.received_)->length;
      octets.assign(w.received_, 0, length);
      w.received_.erase(0, length);
      co_return read_end::pdu;
    }
    const auto into = asio::buffer(chunk);
    error_code error;
    std::size_t count = 0;
    if (w.tls_) {
      std::tie(error, count) = co_await w.tls_->async_read_some(into, with_error);
    } else {
      std::tie(error, count) = co_await w.socket_.async_read_some(into, with_error);
    }
    if (error) break;
    w.received_.append(chunk.data(), count);
  }
  w.close();
  co_return read_end::closed;
}

void wire::send(std::string octets, std::uint32_t sequence) {
  queued_octets_ += octets.size();
  queue_.push_back({sequence, std::move(octets)});
  if (queued_octets_ > max_unsent_octets) close();
  write_next();
}

bool wire::withdraw(std::uint32_t sequence) {
  // Answers to the peer carry the peer's numbers: only requests are asked for.
  const auto found = std::find_if(queue_.begin(), queue_.end(), [&](const queued& each) {
    const auto header = read_header(each.octets);
    return each.sequence == sequence && header && (header->id & response_bit) == 0;
  });
  if (found == queue_.end()) return false;
  queued_octets_ -= found->octets.size();
  queue_.erase(found);
  return true;
}

void wire::write_next() {
  if (closed_ || !open_ || !writing_.empty()) return;
  if (queue_.empty()) {
    if (finishing_) close();
    return;
  }
  for (const queued& each : queue_)
    writing_ += each.octets;
  queue_.clear();
  queued_octets_ = 0;
  auto done = [self = shared_from_this()](const error_code& error, std::size_t) { self->written(error); };
  if (tls_) {
    asio::async_write(*tls_, asio::buffer(writing_), std::move(done));
  } else {
    asio::async_write(socket_, asio::buffer(writing_), std::move(done));
  }
}

void wire::written(const error_code& error) {
  writing_.clear();
  if (error) close();
  write_next();
}

void wire::finish() {
  finishing_ = true;
  write_next();
}

void wire::close() noexcept {
  closed_ = true;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace smsauth::sms::smpp
