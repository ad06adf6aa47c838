// A server with a few routes on threads of its own, and a client that sends raw octets.
#pragma once

#include "http/server.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace smsauth::test {

inline constexpr std::chrono::milliseconds patience{10'000};  ///< for what has to happen; a test fails after it

/// Waits until `holds`; false when it never does.
inline bool eventually(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

struct reply {
  int status = 0;
  std::string head;  ///< status line and fields
  std::string body;

  /// The value of a field, or nothing. Written as our server writes it: "Name: value".
  std::optional<std::string> field(std::string_view name) const {
    const std::string start = "\r\n" + std::string(name) + ": ";
    const auto at = head.find(start);
    if (at == std::string::npos) return std::nullopt;
    return head.substr(at + start.size(), head.find("\r\n", at + 2) - at - start.size());
  }
  bool closes() const { return field("Connection") == "close"; }
};

/// A blocking TCP client.
class raw_client {
 public:
  explicit raw_client(const boost::asio::ip::tcp::endpoint& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      ::close(socket_);
      throw std::runtime_error("connect");
    }
    const int on = 1;  // pieces are sent as they are, not when the last one was acknowledged
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~raw_client() { ::close(socket_); }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  /// False when the server has closed.
  bool send(std::string_view octets) {
    while (!octets.empty()) {
      const auto count = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      octets.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  /// Reads what is there, at least an octet, and forgets it.
  std::size_t drop(std::span<char> room) {
    const ssize_t count = ::recv(socket_, room.data(), room.size(), 0);
    REQUIRE(count > 0);
    return static_cast<std::size_t>(count);
  }
  void end_of_requests() { ::shutdown(socket_, SHUT_WR); }

  /// The next reply. `head`: it answers HEAD. Status 0: the server closed instead.
  reply receive(bool head = false) {
    while (input_.find("\r\n\r\n") == std::string::npos)
      if (!fill()) return {};
    reply out;
    const auto end = input_.find("\r\n\r\n") + 4;
    out.head = input_.substr(0, end);
    input_.erase(0, end);
    std::from_chars(out.head.data() + std::string_view("HTTP/1.1 ").size(), out.head.data() + out.head.size(),
                    out.status);
    std::size_t length = 0;
    if (const auto text = out.field("Content-Length"))
      std::from_chars(text->data(), text->data() + text->size(), length);
    if (head) length = 0;
    while (input_.size() < length)
      if (!fill()) throw std::runtime_error("the reply ended early");
    out.body = input_.substr(0, length);
    input_.erase(0, length);
    return out;
  }

  reply exchange(std::string_view request, bool head = false) {
    send(request);
    return receive(head);
  }

  /// True when nothing but the end of the connection comes.
  bool closed() { return input_.empty() && !fill(); }
  /// True when the server says nothing for now.
  bool quiet(std::chrono::milliseconds for_this_long) {
    pollfd waits{socket_, POLLIN, 0};
    return input_.empty() && ::poll(&waits, 1, static_cast<int>(for_this_long.count())) == 0;
  }
  int descriptor() const { return socket_; }

 private:
  /// False at the end of the connection. Throws when nothing comes for too long: the server hangs.
  bool fill() {
    pollfd waits{socket_, POLLIN, 0};
    if (::poll(&waits, 1, static_cast<int>(patience.count())) <= 0) throw std::runtime_error("nothing came");
    std::array<char, 65536> octets;
    const auto count = ::recv(socket_, octets.data(), octets.size(), 0);
    if (count <= 0) return false;
    input_.append(octets.data(), static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string input_;
};

inline std::string get(std::string_view path, std::string_view fields = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// The server. Routes below /api/ belong to a group with a shape of its own: {"shape":<status>}.
class live_server {
 public:
  explicit live_server(const core::http_limits& limits = {}, std::size_t threads = 1,
                       std::initializer_list<std::string_view> proxies = {}) {
    add_routes();
    http::server_settings settings;
    settings.endpoint = {boost::asio::ip::address_v4::loopback(), 0};
    settings.limits = limits;
    for (const std::string_view proxy : proxies)
      settings.proxies.add(proxy).value();
    std::vector<boost::asio::io_context*> list;
    for (std::size_t i = 0; i < threads; ++i)
      list.push_back(contexts_.emplace_back(new_context()).get());
    server_ = std::make_unique<http::server>(std::move(settings), routes_, list);
    server_->start();
    for (const auto& context : contexts_)
      threads_.emplace_back([&context] { context->run(); });
  }

  ~live_server() {
    server_->abort();
    for (const auto& context : contexts_)
      context->stop();
    for (std::thread& thread : threads_)
      thread.join();
    server_.reset();
  }
  live_server(const live_server&) = delete;
  live_server& operator=(const live_server&) = delete;

  http::server* operator->() { return server_.get(); }
  boost::asio::ip::tcp::endpoint endpoint() const { return server_->endpoint(); }

 private:
  using executor_type = boost::asio::io_context::executor_type;
  static constexpr boost::asio::use_awaitable_t<executor_type> use_awaitable{};

  static std::unique_ptr<boost::asio::io_context> new_context() { return std::make_unique<boost::asio::io_context>(1); }

  static http::awaitable<http::response> serve_hello(http::request&) {
    http::response out(200, R"({"hello":true})");
    co_return out;
  }

  static http::awaitable<http::response> serve_echo(http::request& in) {
    http::response out(200, std::string(in.body), "text/plain");
    out.headers.emplace_back("X-Query", in.query);
    out.headers.emplace_back("X-Count", std::to_string(in.headers.size()));
    out.headers.emplace_back("X-Secret", std::string(in.header("Authorization").value_or("none")));
    co_return out;
  }

  static http::awaitable<http::response> serve_parameter(http::request& in) {
    http::response out(200, in.path_parameter, "text/plain");
    co_return out;
  }

  static http::awaitable<http::response> serve_client(http::request& in) {
    http::response out(200, in.client.text() + " " + in.client.limit_key(), "text/plain");
    co_return out;
  }

  static http::awaitable<http::response> serve_exception(http::request& in) {
    if (in.query == "late") co_await sleep(1);
    if (in.query == "int") throw 7;
    throw std::runtime_error("secret 493021");
  }

  static http::awaitable<http::response> serve_broken_field(http::request&) {
    http::response out(200, "{}");
    out.headers.emplace_back("X-Broken", "a\r\nSet-Cookie: b");
    co_return out;
  }

  /// "/api/slow?<milliseconds>"
  static http::awaitable<http::response> serve_slow(http::request& in) {
    int ms = 0;
    std::from_chars(in.query.data(), in.query.data() + in.query.size(), ms);
    co_await sleep(ms);
    http::response out(200, "slow " + std::string(in.query), "text/plain");
    co_return out;
  }

  /// "/large?<octets>"
  static http::awaitable<http::response> serve_large(http::request& in) {
    std::size_t size = 0;
    std::from_chars(in.query.data(), in.query.data() + in.query.size(), size);
    http::response out(200, std::string(size, 'x'), "text/plain");
    co_return out;
  }

  static http::awaitable<http::response> serve_last(http::request&) {
    http::response out(200, "{}");
    out.close = true;
    co_return out;
  }

  static http::awaitable<void> sleep(int ms) {
    const executor_type executor = co_await boost::asio::this_coro::executor;
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      executor_type>
        timer(executor, std::chrono::milliseconds(ms));
    co_await timer.async_wait(use_awaitable);
  }

  void add_routes() {
    http::route_group shaped;
    shaped.name = "shaped";
    shaped.prefixes = {"/api/"};
    shaped.on_error = [](int status, const core::failure& error, const http::request& in) {
      if (in.query == "on_error_throws") throw std::runtime_error("secret 493021");
      http::response out(status, "{\"shape\":" + std::to_string(status) + "}");
      out.retry_after_seconds = error.retry_after_seconds;
      return out;
    };
    shaped.filter = [](const http::request&, http::response& out) { out.headers.emplace_back("X-Filter", "on"); };
    const http::route_group& api = routes_.add_group(std::move(shaped));
    http::route_group cross;
    cross.name = "cross";
    cross.prefixes = {"/cross/"};
    cross.on_options = [](const http::request&) {
      http::response out(204, {});
      out.headers.emplace_back("Access-Control-Allow-Methods", "POST");
      return out;
    };
    const http::route_group& other = routes_.add_group(std::move(cross));
    http::route_group none;
    const http::route_group& plain = routes_.add_group(std::move(none));
    using http::method;
    add(plain, "/hello", {method::get}, serve_hello, true);
    add(plain, "/echo", {method::post, method::get, method::put}, serve_echo, false);
    add(plain, "/client", {method::get}, serve_client, true);
    add(plain, "/large", {method::get}, serve_large, true);
    add(plain, "/last", {method::get}, serve_last, true);
    add(plain, "/throw", {method::get}, serve_exception, true);
    add(api, "/api/hello", {method::get}, serve_hello, true);
    add(api, "/api/echo", {method::post}, serve_echo, false);
    add(api, "/api/throw", {method::get}, serve_exception, true);
    add(api, "/api/broken", {method::get}, serve_broken_field, true);
    add(api, "/api/slow", {method::get}, serve_slow, false);
    add(api, "/api/phone/{mobile}", {method::get, method::post}, serve_parameter, false);
    add(api, "/api/full", {method::post}, serve_exception, false, [] { return false; });
    add(api, "/api/open", {method::post}, serve_echo, false, [] { return true; });
    add(plain, "/full", {method::get}, serve_exception, true, [] { return false; });
    add(other, "/cross/echo", {method::post}, serve_echo, false);
  }

  void add(const http::route_group& group, std::string pattern, std::vector<http::method> methods,
           http::awaitable<http::response> (*serve)(http::request&), bool safe, std::function<bool()> admits = {}) {
    http::route entry;
    entry.pattern = std::move(pattern);
    entry.methods = std::move(methods);
    entry.serve = serve;
    entry.safe = safe;
    entry.admits = std::move(admits);
    routes_.add(group, std::move(entry));
  }

  http::router routes_;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::unique_ptr<http::server> server_;
  std::vector<std::thread> threads_;
};

}  // namespace smsauth::test
