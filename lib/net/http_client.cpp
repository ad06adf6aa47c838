#include "net/http_client.hpp"

#include "net/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <utility>

namespace smsauth::net {

namespace asio = boost::asio;
using time_point = http_client::clock::time_point;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable_t<executor>{});

time_point after_ms(std::int64_t ms) {
  return http_client::clock::now() + std::chrono::milliseconds(ms);
}

std::string wire_of(const http_request& request, const base_url& to) {
  std::string wire = request.method + ' ' + to.path_prefix + request.target + " HTTP/1.1\r\nHost: " + to.host_field;
  wire += "\r\nContent-Length: " + std::to_string(request.body.size()) + "\r\nConnection: keep-alive\r\n";
  for (const http_header& each : request.headers)
    wire.append(each.name).append(": ").append(each.value).append("\r\n");
  return wire.append("\r\n").append(request.body);
}

std::unique_ptr<asio::ssl::context> tls_context(const http_client_settings& settings) {
  auto made = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  made->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                    asio::ssl::context::no_tlsv1_1);
  made->set_verify_mode(asio::ssl::verify_peer);
  boost::system::error_code error;
  if (settings.ca_file.empty()) {
    made->set_default_verify_paths(error);
  } else {
    made->load_verify_file(settings.ca_file, error);
  }
  if (error) throw std::runtime_error("cannot read the certificate authorities");
  return made;
}

}  // namespace

// Shared with the coroutines that use it: one that is destroyed with its event loop gives its place back to something
// that still lives.
class http_client::impl : public std::enable_shared_from_this<impl> {
 public:
  impl(asio::io_context& where, http_client_settings settings)
      : where_(where), settings_(std::move(settings)), to_(parse_base_url(settings_.base_url)) {
    if (to_.tls) tls_ = tls_context(settings_);
  }

  const base_url& to() const noexcept { return to_; }

  awaitable<exchange> send(const http_request& request, time_point deadline) {
    const std::shared_ptr<impl> self = shared_from_this();
    exchange done;
    const time_point connected_by = std::min(deadline, after_ms(settings_.connect_timeout_ms));
    const bool admitted = co_await take_place(connected_by);
    if (!admitted) {
      done.failure = "busy";
      co_return done;
    }
    const place held(*this);
    std::shared_ptr<connection> used = take_idle();
    if (!used) {
      used = std::make_shared<connection>(where_, tls_.get());
      done.failure = co_await used->open(to_, connected_by);
      if (!done.failure.empty()) co_return done;
    }
    const std::string wire = wire_of(request, to_);
    const time_point replied_by = std::min(deadline, after_ms(settings_.reply_timeout_ms));
    const bool head = request.method == "HEAD";
    done = co_await used->talk(wire, head, settings_.reply_bytes, replied_by);
    if (used->reusable()) idle_.push_back(std::move(used));
    co_return done;
  }

 private:
  // Somebody who waits for a place. Taken off the queue by whoever gives it one, or by itself.
  struct waiter {
    explicit waiter(asio::io_context& where) : timer(where) {}
    timer_type timer;
    bool admitted = false;
  };

  // One of the `connections` places, given to the next waiter at its end.
  class place {
   public:
    explicit place(impl& of) : of_(of) {}
    ~place() { of_.give_place(); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

   private:
    impl& of_;
  };

  awaitable<bool> take_place(time_point deadline) {
    if (busy_ < settings_.connections) {
      ++busy_;
      co_return true;
    }
    waiter me(where_);
    me.timer.expires_at(deadline);
    waiting_.push_back(&me);
    co_await me.timer.async_wait(no_throw);
    if (!me.admitted) waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &me));
    co_return me.admitted;
  }

  void give_place() {
    if (waiting_.empty()) {
      --busy_;
      return;
    }
    waiter& next = *waiting_.front();
    waiting_.pop_front();
    next.admitted = true;  // the place changes hands: busy_ stays
    next.timer.cancel();
  }

  // A kept connection that its peer has not closed meanwhile, the youngest first.
  std::shared_ptr<connection> take_idle() {
    const time_point oldest = http_client::clock::now() - std::chrono::milliseconds(settings_.idle_timeout_ms);
    while (!idle_.empty()) {
      std::shared_ptr<connection> candidate = std::move(idle_.back());
      idle_.pop_back();
      if (candidate->last_used() >= oldest && candidate->alive()) return candidate;
    }
    return nullptr;
  }

  asio::io_context& where_;
  const http_client_settings settings_;
  const base_url to_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::size_t busy_ = 0;
  std::deque<waiter*> waiting_;
  std::vector<std::shared_ptr<connection>> idle_;
};

http_client::http_client(asio::io_context& where, http_client_settings settings)
    : impl_(std::make_shared<impl>(where, std::move(settings))) {}

http_client::~http_client() = default;

awaitable<exchange> http_client::send(const http_request& request, time_point deadline) {
  return impl_->send(request, deadline);
}

const std::string& http_client::host() const noexcept {
  return impl_->to().host_field;
}

const std::string& http_client::path_prefix() const noexcept {
  return impl_->to().path_prefix;
}

std::string_view http_reply::header(std::string_view name) const noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const http_header& each : headers) {
    if (std::equal(each.name.begin(), each.name.end(), name.begin(), name.end(),
                   [&](char a, char b) { return lower(a) == lower(b); }))
      return each.value;
  }
  return {};
}

}  // namespace smsauth::net
