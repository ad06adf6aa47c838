// What clients see of a conversation, over a real socket.
#include "http/live_server.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace smsauth;
using namespace smsauth::test;

namespace {

core::http_limits quick_limits() {
  core::http_limits limits;
  limits.body_timeout_ms = 300;
  limits.header_timeout_ms = 300;
  return limits;
}

}  // namespace

TEST_CASE("Every reply has the fields that every reply has") {
  live_server server;
  raw_client client(server.endpoint());
  for (const char* path : {"/hello", "/nothing", "/api/hello", "/api/nothing", "/api/phone/%2F"}) {
    CAPTURE(path);
    const reply got = client.exchange(get(path));
    CHECK(got.field("Server") == "smsauthd");
    CHECK(got.field("Date")->ends_with(" GMT"));
    CHECK(got.field("Content-Type") == "application/json; charset=utf-8");
    CHECK(got.field("Cache-Control") == "no-store");
    CHECK(got.field("X-Content-Type-Options") == "nosniff");
    CHECK(got.field("X-Request-Id")->size() == 16);
    CHECK(got.field("X-Filter").has_value() == std::string_view(path).starts_with("/api/"));
    CHECK_FALSE(got.closes());
  }
}

TEST_CASE("Requests that Beast alone would take are refused, and the connection ends") {
  live_server server(quick_limits());
  const std::string big(20'000, 'x');
  struct {
    const char* what;
    std::string request;
    std::vector<int> statuses;
  } const rows[] = {
      {"TE gzip + CL",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
       {400}},
      {"TE identity + CL",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
       {400}},
      {"TE xchunked + CL",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello",
       {400}},
      {"empty TE + CL",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello",
       {400}},
      {"TE gzip alone",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n\r\nGET /hello HTTP/1.1\r\nHost: t\r\n\r\n",
       {400}},
      {"TE chunked, identity",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
       {400}},
      {"TE gzip then chunked",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {400}},
      {"CL + TE",
       "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {400}},
      {"chunked on 1.0", "POST /echo HTTP/1.0\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}},
      {"CL twice", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", {400}},
      {"CL list", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5, 5\r\n\r\nhello", {400}},
      {"CL +5", "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: +5\r\n\r\nhello", {400}},
      {"chunk lines with LF",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
       {408}},
      {"chunk extension",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5;" + big + "\r\nhello\r\n0\r\n\r\n",
       {431}},
      {"trailers",
       "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: " + big + "\r\n\r\n",
       {431}},
      {"folded line", "GET /hello HTTP/1.1\r\nHost: t\r\nA: b\r\n c\r\n\r\n", {400}},
      {"folded TE", "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", {400}},
      {"no Host", "GET /hello HTTP/1.1\r\n\r\n", {400}},
      {"two Host", "GET /hello HTTP/1.1\r\nHost: t\r\nHost: t\r\n\r\n", {400}},
      {"bad Host", "GET /hello HTTP/1.1\r\nHost: a@b,c\r\n\r\n", {400}},
      {"0xFF in target", "GET /\xFF HTTP/1.1\r\nHost: t\r\n\r\n", {400}},
      {"# in target", "GET /hello#a HTTP/1.1\r\nHost: t\r\n\r\n", {400}},
      {"no leading slash", "GET hello HTTP/1.1\r\nHost: t\r\n\r\n", {400}},
      {"control in value", "GET /hello HTTP/1.1\r\nHost: t\r\nA: \x01\r\n\r\n", {400}},
      {"DEL in value", "GET /hello HTTP/1.1\r\nHost: t\r\nA: \x7F\r\n\r\n", {400}},
      {"NUL in value", std::string("GET /hello HTTP/1.1\r\nHost: t\r\nA: \0\r\n\r\n", 38), {400}},
      {"space before colon", "GET /hello HTTP/1.1\r\nHost : t\r\n\r\n", {400}},
      {"HTTP/1.2", "GET /hello HTTP/1.2\r\nHost: t\r\n\r\n", {505}},
      {"HTTP/0.9", "GET /hello\r\n\r\n", {400}},
      {"line without colon", "GET /hello HTTP/1.1\r\nHost: t\r\nhello\r\n\r\n", {400}},
      {"bad method token", "GE{T /hello HTTP/1.1\r\nHost: t\r\n\r\n", {400}},
      {"TLS client hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12), {400}},
      {"unknown expectation", "POST /echo HTTP/1.1\r\nHost: t\r\nExpect: x\r\nContent-Length: 1\r\n\r\na", {417}},
      {"CONNECT", "CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n", {400}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    raw_client client(server.endpoint());
    // What follows must not be taken for a request.
    const reply got = client.exchange(row.request);
    CHECK(std::find(row.statuses.begin(), row.statuses.end(), got.status) != row.statuses.end());
    CHECK(got.closes());
    client.end_of_requests();
    CHECK(client.closed());
  }
}

TEST_CASE("The path of absolute-form counts, its authority does not") {
  live_server server;
  raw_client client(server.endpoint());
  CHECK(client.exchange("GET http://evil/hello HTTP/1.1\r\nHost: t\r\n\r\n").status == 200);
  CHECK(client.exchange("GET http://evil/other HTTP/1.1\r\nHost: t\r\n\r\n").status == 404);
}

TEST_CASE("Trailers do not become fields") {
  live_server server;
  raw_client client(server.endpoint());
  const reply got = client.exchange(
      "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n0\r\nAuthorization: stolen\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
  CHECK(got.status == 200);
  CHECK(got.body == "hello");
  CHECK(got.field("X-Secret") == "none");
  CHECK(got.field("X-Count") == "2");
  CHECK(client.exchange(get("/hello")).status == 200);
}

TEST_CASE("Limits are exact on the wire") {
  live_server server;
  const auto status_of = [&server](const std::string& request) {
    raw_client client(server.endpoint());
    return client.exchange(request).status;
  };
  const auto header_of = [](std::size_t size) {
    std::string text = "GET /hello HTTP/1.1\r\nHost: t\r\nA: ";
    return text + std::string(size - text.size() - 4, 'x') + "\r\n\r\n";
  };
  CHECK(status_of(header_of(8191)) == 200);
  CHECK(status_of(header_of(8192)) == 200);
  CHECK(status_of(header_of(8193)) == 431);
  CHECK(status_of(header_of(100'000)) == 431);
  CHECK(status_of(get("/hello?" + std::string(2040, 'q'))) == 200);
  CHECK(status_of(get("/hello?" + std::string(2041, 'q'))) == 200);
  CHECK(status_of(get("/hello?" + std::string(2042, 'q'))) == 414);
  CHECK(status_of(get("/hello?" + std::string(50'000, 'q'))) == 414);
  CHECK(status_of(post("/echo", std::string(16383, 'b'))) == 200);
  CHECK(status_of(post("/echo", std::string(16384, 'b'))) == 200);
  CHECK(status_of(post("/echo", std::string(16385, 'b'))) == 413);
  CHECK(status_of(post("/echo", std::string(3'000'000, 'b'))) == 413);  // all of it is sent before we look
}

TEST_CASE("Errors are told in the shape of the path's group") {
  live_server server(quick_limits());
  struct {
    std::string request;
    int status;
  } const rows[] = {
      {get("/api/nothing"), 404},
      {"POST /api/hello HTTP/1.1\r\nHost: t\r\n\r\n", 405},
      {"BREW /api/hello HTTP/1.1\r\nHost: t\r\n\r\n", 501},
      {get("/api/phone/..%2f"), 400},
      {"POST /api/echo HTTP/1.1\r\nHost: t\r\nContent-Length: 99999\r\n\r\n", 413},
      {"POST /api/echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nh", 408},
      {"POST /api/echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 400},
      {"GET /api/hello HTTP/1.1\r\nHost: t\r\nA: " + std::string(9000, 'a') + "\r\n\r\n", 431},
      {get("/api/throw"), 500},
      {get("/api/throw?late"), 500},
      {get("/api/throw?int"), 500},
      {get("/api/broken"), 500},
  };
  for (const auto& row : rows) {
    CAPTURE(row.request);
    raw_client client(server.endpoint());
    const reply got = client.exchange(row.request);
    CHECK(got.status == row.status);
    CHECK(got.body == "{\"shape\":" + std::to_string(row.status) + "}");
    CHECK(got.field("X-Filter") == "on");
    const bool goes_on =
        row.status == 404 || row.status == 405 || row.status == 501 || row.request.starts_with("GET /api/phone");
    CHECK(got.closes() != goes_on);
    if (goes_on) CHECK(client.exchange(get("/hello")).status == 200);
  }
}

TEST_CASE("Outside the groups errors have a plain shape") {
  live_server server;
  raw_client client(server.endpoint());
  CHECK(client.exchange(get("/nothing")).body == R"({"error":"not_found"})");
  const reply wrong = client.exchange(post("/hello", "x"));
  CHECK(wrong.body == R"({"error":"method_not_allowed"})");
  CHECK(wrong.field("Allow") == "GET, HEAD, OPTIONS");
  CHECK(client.exchange(get("/throw")).body == R"({"error":"internal"})");
  CHECK(client.closed());
}

TEST_CASE("A route that takes nothing now answers 503 without its handler, and the connection goes on") {
  live_server server;
  raw_client client(server.endpoint());
  for (int i = 0; i < 2; ++i) {
    const reply full = client.exchange(post("/api/full", "x"));
    CHECK(full.status == 503);
    CHECK(full.body == R"({"shape":503})");
    CHECK(full.field("Retry-After") == "1");
    CHECK(full.field("X-Filter") == "on");
    CHECK_FALSE(full.closes());
  }
  CHECK(client.exchange(post("/api/open", "hello")).body == "hello");
  const reply plain = client.exchange(get("/full"));
  CHECK(plain.status == 503);
  CHECK(plain.body == R"({"error":"busy"})");
  CHECK(plain.field("Retry-After") == "1");
  const reply broken = client.exchange(post("/api/full?on_error_throws", "x"));
  CHECK(broken.status >= 500);
  CHECK(broken.body.find("493021") == std::string::npos);
}

TEST_CASE("What an exception says stays here, also when the error's own writer throws") {
  live_server server;
  for (const char* path : {"/throw", "/api/throw", "/api/nothing?on_error_throws", "/api/throw?on_error_throws"}) {
    CAPTURE(path);
    raw_client client(server.endpoint());
    const reply got = client.exchange(get(path));
    CHECK(got.status >= 400);
    CHECK(got.body.find("493021") == std::string::npos);
    CHECK(got.head.find("493021") == std::string::npos);
  }
  raw_client client(server.endpoint());
  CHECK(client.exchange(get("/hello")).status == 200);
}

TEST_CASE("HEAD and OPTIONS answer without a handler's effect") {
  live_server server;
  raw_client client(server.endpoint());
  const reply head = client.exchange("HEAD /hello HTTP/1.1\r\nHost: t\r\n\r\n", true);
  CHECK(head.status == 200);
  CHECK(head.field("Content-Length") == "14");
  const reply unsafe = client.exchange("HEAD /api/phone/1 HTTP/1.1\r\nHost: t\r\n\r\n", true);
  CHECK(unsafe.status == 405);
  CHECK(unsafe.field("Allow") == "GET, POST, OPTIONS");
  const reply options = client.exchange("OPTIONS /api/phone/1 HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(options.status == 204);
  CHECK(options.field("Allow") == "GET, POST, OPTIONS");
  CHECK(options.field("X-Filter") == "on");
  CHECK(client.exchange("OPTIONS /nothing HTTP/1.1\r\nHost: t\r\n\r\n").status == 404);
  CHECK(client.exchange("OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n").status == 204);
  const reply cross = client.exchange("OPTIONS /cross/anything HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(cross.status == 204);
  CHECK(cross.field("Access-Control-Allow-Methods") == "POST");
  CHECK(client.exchange("TRACE /hello HTTP/1.1\r\nHost: t\r\n\r\n").status == 405);
  CHECK(client.exchange("CONNECT /hello HTTP/1.1\r\nHost: t\r\n\r\n").status == 405);
  CHECK(client.exchange("BREW /nothing HTTP/1.1\r\nHost: t\r\n\r\n").status == 501);
}

TEST_CASE("A connection serves many requests, and ends when one side says so") {
  live_server server;
  raw_client client(server.endpoint());
  for (int i = 0; i < 100; ++i)
    CHECK(client.exchange(get("/hello")).body == R"({"hello":true})");
  CHECK(client.exchange(get("/hello", "Connection: close\r\n")).closes());
  CHECK(client.closed());
  raw_client old(server.endpoint());
  CHECK(old.exchange("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").field("Connection") == "keep-alive");
  CHECK(old.exchange("GET /hello HTTP/1.0\r\n\r\n").closes());
  CHECK(old.closed());
  raw_client told(server.endpoint());
  CHECK(told.exchange(get("/last")).closes());
  CHECK(told.closed());
}

TEST_CASE("Pipelined requests are answered in their order, more than one batch of them too") {
  core::http_limits limits;
  limits.pipelined_requests = 4;
  live_server server(limits);
  raw_client client(server.endpoint());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += i % 7 == 3 ? get("/api/slow?2") : post("/echo?" + std::to_string(i), std::to_string(i));
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    const reply got = client.receive();
    CHECK(got.status == 200);
    CHECK(got.body == (i % 7 == 3 ? "slow 2" : std::to_string(i)));
  }
  CHECK(client.exchange(get("/hello")).status == 200);
}

TEST_CASE("Requests behind the last one are not served") {
  live_server server;
  raw_client client(server.endpoint());
  client.send(get("/hello", "Connection: close\r\n") + get("/hello") + get("/hello"));
  CHECK(client.receive().closes());
  client.end_of_requests();
  CHECK(client.closed());
}

TEST_CASE("A client that closes its side still gets what it asked for") {
  live_server server;
  raw_client client(server.endpoint());
  client.send(get("/api/slow?50") + get("/hello"));
  client.end_of_requests();
  CHECK(client.receive().body == "slow 50");
  CHECK(client.receive().status == 200);
  CHECK(client.closed());
}

TEST_CASE("100 Continue is sent to those who wait for it, once") {
  live_server server;
  raw_client client(server.endpoint());
  for (int i = 0; i < 2; ++i) {
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    CHECK(client.receive().status == 100);
    client.send("he");
    CHECK(client.quiet(std::chrono::milliseconds(30)));
    client.send("llo");
    CHECK(client.receive().body == "hello");
  }
  CHECK(client.exchange("POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
            .status == 200);
  CHECK(client.exchange("POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n")
            .status == 413);
}

TEST_CASE("Replies larger than the socket takes at once arrive whole") {
  live_server server;
  raw_client client(server.endpoint());
  for (int i = 0; i < 3; ++i)
    client.send(get("/large?9000000"));
  for (int i = 0; i < 3; ++i)
    CHECK(client.receive().body.size() == 9'000'000);
  CHECK(client.exchange(get("/hello")).status == 200);
}

TEST_CASE("Buffers that a large request filled serve small ones after it") {
  live_server server;
  raw_client client(server.endpoint());
  for (int i = 0; i < 5; ++i) {
    const std::string large(16'384, static_cast<char>('a' + i));
    CHECK(client.exchange(post("/echo", large)).body == large);
    CHECK(client.exchange(post("/echo", "small")).body == "small");
    CHECK(client.exchange(get("/echo?x=" + std::to_string(i))).field("X-Query") == "x=" + std::to_string(i));
  }
}

TEST_CASE("Path parameters are decoded once") {
  live_server server;
  raw_client client(server.endpoint());
  CHECK(client.exchange(get("/api/phone/%2B8613800138000")).body == "+8613800138000");
  CHECK(client.exchange(get("/api/phone/%252B86")).body == "%2B86");
  CHECK(client.exchange(get("/api/phone/1%2F2")).status == 400);
  CHECK(client.exchange(get("/api/phone/1%00")).status == 400);
}

TEST_CASE("Only a trusted proxy says who the client is and names the request") {
  const std::string fields = "X-Forwarded-For: 6.6.6.6, 2001:db8:1:2::3\r\nX-Request-Id: abc-1._Z\r\n";
  live_server open;
  raw_client stranger(open.endpoint());
  const reply unknown = stranger.exchange(get("/client", fields));
  CHECK(unknown.body == "127.0.0.1 127.0.0.1");
  CHECK(unknown.field("X-Request-Id") != "abc-1._Z");

  live_server behind({}, 1, {"127.0.0.1"});
  raw_client proxy(behind.endpoint());
  const reply known = proxy.exchange(get("/client", fields));
  CHECK(known.body == "2001:db8:1:2::3 2001:db8:1:2::/64");
  CHECK(known.field("X-Request-Id") == "abc-1._Z");
  // The next request of the same connection is somebody else's.
  CHECK(proxy.exchange(get("/client", "X-Forwarded-For: 203.0.113.9\r\n")).body == "203.0.113.9 203.0.113.9");
  CHECK(proxy.exchange(get("/client")).body == "127.0.0.1 127.0.0.1");
  for (const std::string& bad : {std::string("a b"), std::string("a\"b"), std::string(65, 'a'), std::string("")}) {
    CHECK(proxy.exchange(get("/client", "X-Request-Id: " + bad + "\r\n")).field("X-Request-Id") != bad);
  }
  CHECK(proxy.exchange(get("/client", "X-Request-Id: a\r\nX-Request-Id: b\r\n")).field("X-Request-Id")->size() == 16);
  CHECK(proxy.exchange(get("/client", "X-Request-Id: " + std::string(64, 'a') + "\r\n")).field("X-Request-Id") ==
        std::string(64, 'a'));
}

TEST_CASE("Requests have ids of their own") {
  live_server server({}, 2);
  std::set<std::string> ids;
  for (int c = 0; c < 10; ++c) {
    raw_client client(server.endpoint());
    for (int i = 0; i < 20; ++i)
      ids.insert(*client.exchange(get("/hello")).field("X-Request-Id"));
  }
  CHECK(ids.size() == 200);
}

TEST_CASE("A request is served wherever its packets end") {
  live_server server;
  raw_client client(server.endpoint());
  const std::string text = post("/echo?q", "hello", "A: b\r\n");
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    client.send(std::string_view(text).substr(0, cut));
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // no race: any split must work, this one is likely
    client.send(std::string_view(text).substr(cut));
    REQUIRE(client.receive().body == "hello");
  }
}
