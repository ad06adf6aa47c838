// The client against real sockets: what it says of an exchange decides whether a message may be sent again.
#include "net/http_client.hpp"

#include "support/event_loop.hpp"
#include "support/http_double.hpp"
#include "support/tls_credentials.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

using namespace smsauth;
using net::exchange_end;
using test::http_double;
using peer = http_double::peer;
using clock_type = net::http_client::clock;

namespace {

net::http_client_settings towards(const std::string& url) {
  net::http_client_settings made;
  made.base_url = url;
  made.connect_timeout_ms = 2'000;
  made.reply_timeout_ms = 2'000;
  return made;
}

// A client on a loop that the test runs itself.
class caller {
 public:
  explicit caller(net::http_client_settings settings) : client(loop_.context(), std::move(settings)) {}

  net::exchange send(net::http_request request = {}, std::int64_t within_ms = 10'000) {
    return all({std::move(request)}, within_ms).front();
  }

  /// All at once; their ends in order.
  std::vector<net::exchange> all(std::vector<net::http_request> requests, std::int64_t within_ms = 10'000) {
    std::vector<net::exchange> done(requests.size());
    const auto deadline = clock_type::now() + std::chrono::milliseconds(within_ms);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      boost::asio::co_spawn(loop_.context(), client.send(requests[i], deadline),
                            [&done, i](const std::exception_ptr& error, net::exchange result) {
                              CHECK_FALSE(error);
                              done[i] = std::move(result);
                            });
    }
    loop_.context().restart();
    loop_.context().run();
    return done;
  }

 private:
  test::event_loop loop_;

 public:
  net::http_client client;
};

net::http_request post(std::string body) {
  net::http_request made;
  made.body = std::move(body);
  made.target = "/send";
  made.headers.push_back({"X-Test", "1"});
  return made;
}

void answer_all(peer& of) {
  while (!of.read_request().empty())
    of.reply("done");
}

// A file that goes with its test.
class scratch {
 public:
  scratch() : path(std::filesystem::temp_directory_path() / ("smsauthd-net-" + std::to_string(::getpid()) + ".pem")) {}
  ~scratch() { std::filesystem::remove(path); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  const std::filesystem::path path;
};

}  // namespace

TEST_CASE("requests of one client share a kept connection, and say what they were told to") {
  std::string seen;
  http_double provider([&](peer& of) {
    for (std::string request = of.read_request(); !request.empty(); request = of.read_request()) {
      seen = request;
      of.reply("ok", "201 Created", "X-Id: 7\r\n");
    }
  });
  caller by(towards(provider.url() + "/v1"));
  for (int i = 0; i < 5; ++i) {
    const auto done = by.send(post("body"));
    REQUIRE(done.end == exchange_end::replied);
    CHECK(done.reply.status == 201);
    CHECK(done.reply.body == "ok");
    CHECK(done.reply.header("x-id") == "7");
  }
  CHECK(provider.connections() == 1);
  CHECK(seen.starts_with("POST /v1/send HTTP/1.1\r\nHost: " + by.client.host() + "\r\nContent-Length: 4\r\n"));
  CHECK(seen.find("\r\nX-Test: 1\r\n") != std::string::npos);
  CHECK(seen.ends_with("\r\n\r\nbody"));
}

TEST_CASE("a connection that the peer closed while it was idle is replaced before anything is written") {
  std::atomic<int> requests{0};
  http_double provider([&](peer& of) {
    if (of.read_request().empty()) return;
    ++requests;
    of.reply("once");
  });
  caller by(towards(provider.url()));
  for (int i = 0; i < 3; ++i) {
    CHECK(by.send(post("x")).end == exchange_end::replied);
    // The peer closes on its own thread, right after its reply.
    while (provider.connections() != static_cast<std::size_t>(i + 1)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(requests == 3);
  CHECK(provider.connections() == 3);
}

TEST_CASE("a reply that says close, or one of HTTP/1.0, ends its connection") {
  for (const char* reply : {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\n\r\nok"}) {
    CAPTURE(reply);
    http_double provider([&](peer& of) {
      of.read_request();
      of.write(reply);
    });
    caller by(towards(provider.url()));
    CHECK(by.send().reply.body == "ok");
    CHECK(by.send().reply.body == "ok");
    CHECK(provider.connections() == 2);
  }
}

TEST_CASE("replies in chunks, without a body, and behind a 100 are read") {
  const struct {
    const char* wire;
    unsigned status;
    const char* body;
  } rows[] = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", 200, "abcde"},
      {"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 1\r\n\r\nx", 202, "x"},
      {"HTTP/1.1 302 Found\r\nLocation: http://elsewhere\r\nContent-Length: 0\r\n\r\n", 302, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.wire);
    http_double provider([&](peer& of) {
      while (!of.read_request().empty())
        of.write(row.wire);
    });
    caller by(towards(provider.url()));
    const auto done = by.send();
    REQUIRE(done.end == exchange_end::replied);
    CHECK(done.reply.status == row.status);
    CHECK(done.reply.body == row.body);
  }
}

TEST_CASE("once a request was written its fate is unknown, whatever went wrong then") {
  const struct {
    const char* what;
    http_double::script serve;
    const char* failure;
  } rows[] = {
      {"silence", [](peer& of) { of.wait_for_close(); }, "timeout"},
      {"closed unread", [](peer&) {}, "closed"},
      {"closed after the request", [](peer& of) { of.read_request(); }, "closed"},
      {"half a header",
       [](peer& of) {
         of.read_request();
         of.write("HTTP/1.1 200 O");
       },
       "closed"},
      {"half a body",
       [](peer& of) {
         of.read_request();
         of.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
       },
       "closed"},
      {"no HTTP",
       [](peer& of) {
         of.read_request();
         of.write("SSH-2.0-x\r\n\r\n");
       },
       "malformed"},
      {"two lengths",
       [](peer& of) {
         of.read_request();
         of.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");
       },
       "malformed"},
      {"a huge body",
       [](peer& of) {
         of.read_request();
         of.reply(std::string(2'000, 'x'));
       },
       "too_large"},
      {"a huge header",
       [](peer& of) {
         of.read_request();
         of.reply("", "200 OK", "X: " + std::string(40'000, 'x') + "\r\n");
       },
       "too_large"},
      {"one byte and silence",
       [](peer& of) {
         of.read_request();
         of.write("H");
         of.wait_for_close();
       },
       "timeout"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    http_double provider(row.serve);
    net::http_client_settings settings = towards(provider.url());
    settings.reply_timeout_ms = 200;
    settings.reply_bytes = 1'000;
    caller by(settings);
    const auto begun = clock_type::now();
    const auto done = by.send(post("code"));
    CHECK(clock_type::now() - begun < std::chrono::seconds(2));
    CHECK(done.end == exchange_end::unknown);
    CHECK(done.failure == row.failure);
    CHECK(provider.connections() == 1);  // never sent twice
  }
}

TEST_CASE("the message's own deadline ends a call before the time-outs do") {
  http_double provider([](peer& of) { of.wait_for_close(); });
  caller by(towards(provider.url()));
  const auto begun = clock_type::now();
  const auto done = by.send(post("x"), 100);
  CHECK(clock_type::now() - begun < std::chrono::seconds(1));
  CHECK(done.end == exchange_end::unknown);
  CHECK(done.failure == "timeout");
}

TEST_CASE("where nothing listens nothing was sent") {
  std::string url;
  {
    const http_double gone([](peer&) {});
    url = gone.url();
  }
  caller by(towards(url));
  const auto done = by.send();
  CHECK(done.end == exchange_end::not_sent);
  CHECK(done.failure == "connect");
  caller unknown_name(towards("http://name.invalid"));
  CHECK(unknown_name.send({}, 3'000).end == exchange_end::not_sent);
}

TEST_CASE("TLS: a peer is spoken to only when its certificate is trusted and names it") {
  const test::tls_credentials good("DNS:localhost,IP:127.0.0.1");
  const test::tls_credentials other_name("DNS:elsewhere.example");
  const scratch trusted;
  http_double provider(answer_all, good.server());
  http_double impostor(answer_all, other_name.server());
  http_double plain([](peer& of) {
    of.read_request();
    of.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  });

  good.write_to(trusted.path);
  net::http_client_settings settings = towards(provider.url("localhost"));
  settings.ca_file = trusted.path;
  caller by_name(settings);
  CHECK(by_name.send(post("x")).reply.body == "done");
  CHECK(by_name.send(post("x")).reply.body == "done");
  CHECK(provider.connections() == 1);
  settings.base_url = provider.url();
  CHECK(caller(settings).send().reply.body == "done");

  settings.ca_file.clear();  // the system's authorities do not know it
  auto done = caller(settings).send(post("secret"));
  CHECK(done.end == exchange_end::not_sent);
  CHECK(done.failure == "certificate");

  other_name.write_to(trusted.path);
  settings.ca_file = trusted.path;
  settings.base_url = impostor.url("localhost");
  done = caller(settings).send(post("secret"));
  CHECK(done.end == exchange_end::not_sent);
  CHECK(done.failure == "certificate");

  settings.base_url = "https" + plain.url().substr(4);
  done = caller(settings).send(post("secret"));
  CHECK(done.end == exchange_end::not_sent);
  CHECK(done.failure == "tls");
}

TEST_CASE("no more connections than allowed, and everybody is served in turn") {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  http_double provider([&](peer& of) {
    while (!of.read_request().empty()) {
      const int busy = ++now;
      for (int seen = most; seen < busy && !most.compare_exchange_weak(seen, busy);) {
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      --now;
      of.reply("x");
    }
  });
  net::http_client_settings settings = towards(provider.url());
  settings.connections = 3;
  settings.connect_timeout_ms = 10'000;
  caller by(settings);
  for (const auto& done : by.all(std::vector<net::http_request>(60, post("x"))))
    CHECK(done.end == exchange_end::replied);
  CHECK(most <= 3);
  CHECK(provider.connections() == 3);
}

TEST_CASE("who waits for a connection in vain has sent nothing") {
  http_double provider([](peer& of) { of.wait_for_close(); });
  net::http_client_settings settings = towards(provider.url());
  settings.connections = 1;
  settings.connect_timeout_ms = 100;
  settings.reply_timeout_ms = 400;
  caller by(settings);
  const auto done = by.all({post("a"), post("b")});
  CHECK(done[0].end == exchange_end::unknown);
  CHECK(done[1].end == exchange_end::not_sent);
  CHECK(done[1].failure == "busy");
  CHECK(provider.connections() == 1);
}

TEST_CASE("a loop that ends with calls under way takes them along") {
  http_double provider([](peer& of) { of.wait_for_close(); });
  net::http_client_settings settings = towards(provider.url());
  settings.connections = 1;
  {
    boost::asio::io_context loop(1);
    net::http_client client(loop, settings);
    const net::http_request request = post("x");
    int ended = 0;
    for (int i = 0; i < 3; ++i) {
      boost::asio::co_spawn(loop, client.send(request, clock_type::now() + std::chrono::seconds(10)),
                            [&ended](const std::exception_ptr&, const net::exchange&) { ++ended; });
    }
    loop.run_for(std::chrono::milliseconds(100));
    CHECK(ended == 0);
  }
  CHECK(provider.connections() == 1);
}

TEST_CASE("a client with a base URL that is none, or a CA file that cannot be read, is not made") {
  boost::asio::io_context loop(1);
  CHECK_THROWS_AS(net::http_client(loop, towards("example.com")), std::invalid_argument);
  net::http_client_settings settings = towards("https://example.com");
  settings.ca_file = "/nowhere.pem";
  CHECK_THROWS_AS(net::http_client(loop, settings), std::runtime_error);
}
