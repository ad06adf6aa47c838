// The listener: ports, limits, draining.
#include "http/live_server.hpp"

#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;
using std::chrono::milliseconds;

namespace {

bool can_connect(const boost::asio::ip::tcp::endpoint& endpoint) {
  try {
    const raw_client client(endpoint);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("A taken port is refused, also by a server of several threads") {
  live_server first({}, 2);
  http::router routes;
  boost::asio::io_context one(1);
  boost::asio::io_context two(1);
  boost::asio::io_context* const contexts[] = {&one, &two};
  http::server_settings settings;
  settings.endpoint = first.endpoint();
  CHECK_THROWS_AS(http::server(settings, routes, std::span(contexts).first(1)), boost::system::system_error);
  CHECK_THROWS_AS(http::server(settings, routes, contexts), boost::system::system_error);
}

TEST_CASE("All threads of a server share the port that was picked") {
  live_server server({}, 3);
  CHECK(server.endpoint().port() != 0);
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 60; ++i)
    clients.push_back(std::make_unique<raw_client>(server.endpoint()));
  for (const auto& client : clients)
    CHECK(client->exchange(get("/hello")).status == 200);
  CHECK(server->connections() == 60);
  clients.clear();
  CHECK(eventually([&server] { return server->connections() == 0; }));
}

TEST_CASE("Draining ends idle connections, lets busy ones answer, and accepts nobody") {
  live_server server({}, 2);
  raw_client idle(server.endpoint());
  CHECK(idle.exchange(get("/hello")).status == 200);
  raw_client busy(server.endpoint());
  busy.send(get("/api/slow?400") + get("/hello"));
  CHECK(eventually([&server] { return server->requests_in_flight() == 1; }));

  server->drain();
  CHECK(eventually([&server] { return !can_connect(server.endpoint()); }));
  const reply first = busy.receive();
  CHECK(first.body == "slow 400");
  CHECK_FALSE(first.closes());  // what was read before is still answered
  const reply second = busy.receive();
  CHECK(second.status == 200);
  CHECK(second.closes());
  CHECK(busy.closed());
  CHECK(idle.closed());
  CHECK(eventually([&server] { return server->connections() == 0; }));
}

TEST_CASE("A listener is closed within a tenth of a second") {
  live_server server({}, 2);
  const auto endpoint = server.endpoint();
  server->drain();
  std::this_thread::sleep_for(milliseconds(100));
  CHECK_FALSE(can_connect(endpoint));
}

TEST_CASE("Nobody who asked before the drain is left without an answer") {
  live_server server({}, 2);
  std::atomic<int> answered = 0;
  std::atomic<int> broken = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      try {
        raw_client client(server.endpoint());
        for (;;) {
          const reply got = client.exchange(get("/hello"));
          if (got.status != 200) {
            ++broken;
            return;
          }
          ++answered;
          if (got.closes()) return;
        }
      } catch (const std::exception&) {
        ++broken;
      }
    });
  }
  CHECK(eventually([&answered] { return answered > 200; }));
  server->drain();
  for (std::thread& client : clients)
    client.join();
  CHECK(broken == 0);
}

TEST_CASE("A request that comes to a recently idle connection is answered while draining") {
  live_server server;
  raw_client client(server.endpoint());
  CHECK(client.exchange(get("/hello")).status == 200);
  server->drain();
  const reply got = client.exchange(get("/hello"));
  CHECK(got.status == 200);
  CHECK(got.closes());
  CHECK(client.closed());
}

TEST_CASE("Aborting closes what is left") {
  live_server server;
  raw_client idle(server.endpoint());
  CHECK(idle.exchange(get("/hello")).status == 200);
  raw_client reading(server.endpoint());
  reading.send("GET /hello HTT");
  server->abort();
  CHECK(idle.closed());
  CHECK(reading.closed());
  CHECK(eventually([&server] { return server->connections() == 0; }));
}

TEST_CASE("A server may be destroyed while a handler runs and its clients wait") {
  auto server = std::make_unique<live_server>();
  raw_client client(server->endpoint());
  client.send(get("/api/slow?60000"));
  CHECK(eventually([&server] { return (*server)->requests_in_flight() == 1; }));
  server.reset();
  CHECK(client.closed());
}

TEST_CASE("Over the limit of connections the next one waits until one ends") {
  core::http_limits limits;
  limits.connections = 3;
  live_server server(limits);
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<raw_client>(server.endpoint()));
    CHECK(clients.back()->exchange(get("/hello")).status == 200);
  }
  raw_client waiting(server.endpoint());
  waiting.send(get("/hello"));
  CHECK(waiting.quiet(milliseconds(300)));
  clients.pop_back();
  CHECK(waiting.receive().status == 200);
}

TEST_CASE("An address has its own limit of connections") {
  core::http_limits limits;
  limits.connections_per_address = 2;
  live_server server(limits, 2);
  raw_client first(server.endpoint());
  CHECK(first.exchange(get("/hello")).status == 200);
  {
    raw_client second(server.endpoint());
    CHECK(second.exchange(get("/hello")).status == 200);
    raw_client third(server.endpoint());
    CHECK(third.closed());
  }
  CHECK(eventually([&server] {
    raw_client again(server.endpoint());
    return again.exchange(get("/hello")).status == 200;
  }));
  CHECK(first.exchange(get("/hello")).status == 200);
}

TEST_CASE("Without a free descriptor accepting pauses, clients are served, and it recovers") {
  live_server server;
  raw_client connected(server.endpoint());
  CHECK(connected.exchange(get("/hello")).status == 200);
  raw_client waiting_for_place(server.endpoint());  // its descriptor on our side is still to be made
  CHECK(waiting_for_place.exchange(get("/hello")).status == 200);

  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int next = ::dup(0);
  ::close(next);
  rlimit full = before;
  full.rlim_cur = static_cast<rlim_t>(next) + 1;  // one more: the client's own end
  ::setrlimit(RLIMIT_NOFILE, &full);
  {
    raw_client refused(server.endpoint());
    refused.send(get("/hello"));
    const std::clock_t begin = std::clock();
    CHECK(refused.quiet(milliseconds(400)));
    const double cpu_seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    CHECK(cpu_seconds < 0.1);  // it does not spin
    CHECK(connected.exchange(get("/hello")).status == 200);
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK(refused.receive().status == 200);
  }
}
