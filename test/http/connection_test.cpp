// Time-outs, seen from the other end of the socket.
#include "http/live_server.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using std::chrono::milliseconds;

namespace {

core::http_limits short_times() {
  core::http_limits limits;
  limits.header_timeout_ms = 300;
  limits.body_timeout_ms = 300;
  limits.handler_timeout_ms = 300;
  limits.write_timeout_ms = 300;
  limits.idle_timeout_ms = 400;
  return limits;
}

milliseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace

TEST_CASE("A header that never ends is answered 408, however its octets drip") {
  live_server server(short_times());
  raw_client client(server.endpoint());
  const auto begin = std::chrono::steady_clock::now();
  client.send("GET /hello HTTP/1.1\r\n");
  while (client.quiet(milliseconds(20)) && since(begin) < patience)
    client.send("A: b\r\n");
  const reply got = client.receive();
  CHECK(got.status == 408);
  CHECK(got.closes());
  CHECK(since(begin) >= milliseconds(300));
  CHECK(client.closed());
}

TEST_CASE("A body that drips is answered 408 when the time for all of it is over") {
  live_server server(short_times());
  raw_client client(server.endpoint());
  const auto begin = std::chrono::steady_clock::now();
  client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 10000\r\n\r\n");
  while (client.quiet(milliseconds(20)) && since(begin) < patience)
    client.send("b");
  const reply got = client.receive();
  CHECK(got.status == 408);
  CHECK(got.closes());
  CHECK(since(begin) >= milliseconds(300));
}

TEST_CASE("A connection's second request has its own time") {
  live_server server(short_times());
  raw_client client(server.endpoint());
  for (int i = 0; i < 4; ++i) {
    const std::string text = get(i % 2 == 0 ? "/hello" : "/nothing");
    client.send(text.substr(0, 10));
    std::this_thread::sleep_for(milliseconds(150));
    // The rest, and the beginning of the next one behind it.
    client.send(text.substr(10));
    CHECK(client.receive().status == (i % 2 == 0 ? 200 : 404));
  }
}

TEST_CASE("An idle connection is closed without a word, before and after its first request") {
  live_server server(short_times());
  raw_client fresh(server.endpoint());
  raw_client used(server.endpoint());
  CHECK(used.exchange(get("/hello")).status == 200);
  CHECK(fresh.closed());
  CHECK(used.closed());
  CHECK(eventually([&server] { return server->connections() == 0; }));
}

TEST_CASE("A connection is served the same after pauses that cost it its buffers") {
  live_server server;
  raw_client client(server.endpoint());
  for (const int pause_ms : {0, 0, 0, 600, 0, 0, 300, 0, 600, 600}) {
    std::this_thread::sleep_for(milliseconds(pause_ms));
    CHECK(client.exchange(post("/echo", std::string(5000, 'b'))).body.size() == 5000);
    CHECK(client.exchange(get("/client")).body == "127.0.0.1 127.0.0.1");
  }
  CHECK(server->connections() == 1);
}

TEST_CASE("A handler that takes too long is answered for, and what it says later is lost") {
  live_server server(short_times());
  raw_client client(server.endpoint());
  client.send(get("/hello") + get("/api/slow?1500") + get("/hello"));
  CHECK(client.receive().status == 200);
  const reply got = client.receive();
  CHECK(got.status == 503);
  CHECK(got.body == R"({"shape":503})");
  CHECK(got.field("Retry-After") == "1");
  CHECK(got.closes());
  CHECK(client.closed());
  // The handler is still counted: it still holds what it holds.
  CHECK(server->requests_in_flight() == 1);
  CHECK(eventually([&server] { return server->requests_in_flight() == 0 && server->connections() == 0; }));
  raw_client next(server.endpoint());
  CHECK(next.exchange(get("/hello")).status == 200);
}

TEST_CASE("A handler in time is not hurt by the times of other things") {
  core::http_limits limits = short_times();
  limits.handler_timeout_ms = 5000;
  live_server server(limits);
  raw_client client(server.endpoint());
  CHECK(client.exchange(get("/api/slow?900")).body == "slow 900");
}

TEST_CASE("A client that does not read is cut off") {
  live_server server(short_times());
  raw_client client(server.endpoint());
  client.send(get("/large?30000000"));
  CHECK(eventually([&server] { return server->connections() == 0; }));
}

TEST_CASE("A reply survives the octets that its client still sends") {
  live_server server;
  for (int i = 0; i < 20; ++i) {
    raw_client client(server.endpoint());
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n");
    client.send(std::string(100'000, 'b'));
    CHECK(client.receive().status == 413);
  }
}

TEST_CASE("Many slow clients do not slow a quick one") {
  core::http_limits limits;
  limits.header_timeout_ms = 1500;
  live_server server(limits);
  std::vector<std::unique_ptr<raw_client>> slow;
  for (int i = 0; i < 300; ++i) {
    slow.push_back(std::make_unique<raw_client>(server.endpoint()));
    slow.back()->send(i % 2 == 0 ? "GET /hello HTTP/1.1\r\nA: "
                                 : "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nb");
  }
  raw_client quick(server.endpoint());
  for (int i = 0; i < 100; ++i)
    CHECK(quick.exchange(get("/hello")).status == 200);
  for (int i = 0; i < 300; i += 50)
    CHECK(slow[static_cast<std::size_t>(i)]->receive().status == 408);
}
