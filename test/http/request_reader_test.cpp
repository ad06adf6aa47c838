#include "http/request_reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

using namespace smsauth;
using http::request_reader;
using state = http::request_reader::state;

namespace {

/// Feeds octets as a connection does.
class feeder {
 public:
  explicit feeder(core::http_limits limits = {}) : limits_(limits), reader(limits_) {}

  state feed(std::string_view input) {
    state now = reader.advance();
    while (!input.empty() && now != state::refused && now != state::ready) {
      const auto space = reader.space();
      REQUIRE_FALSE(space.empty());
      const std::size_t count = std::min(space.size(), input.size());
      std::memcpy(space.data(), input.data(), count);
      reader.received(count);
      input.remove_prefix(count);
      now = reader.advance();
    }
    left = input;
    return now;
  }

 private:
  core::http_limits limits_;

 public:
  request_reader reader;
  std::string_view left;  ///< octets of the latest feed that were not taken
};

const std::string post = "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-One: 1\r\n\r\nhello";
const std::string chunked =
    "POST /a?b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX-One: 1\r\n\r\n"
    "2;x=\"y\"\r\nhe\r\n00003\r\nllo\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\nAuthorization: b\r\nContent-Type: c\r\n\r\n";

std::string chunk_head(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

int refused_status(std::string_view input, core::http_limits limits = {}) {
  feeder f(limits);
  return f.feed(input) == state::refused ? f.reader.why().status : 0;
}

void check_hello(request_reader& reader) {
  const http::request& in = reader.request();
  CHECK(in.verb == http::method::post);
  CHECK(in.path == "/a");
  CHECK(in.query == "b");
  CHECK(in.body == "hello");
  CHECK(in.headers.size() == 3);
  CHECK(in.header("x-one") == "1");
  CHECK_FALSE(in.header("X-Forwarded-For").has_value());
  CHECK_FALSE(in.header("Authorization").has_value());
  CHECK(reader.keep_alive());
}

}  // namespace

TEST_CASE("A request is the same wherever the reads end") {
  for (const std::string& text : {post, chunked}) {
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); second += 7) {
        feeder f;
        f.feed(std::string_view(text).substr(0, first));
        f.feed(std::string_view(text).substr(first, second - first));
        REQUIRE(f.feed(std::string_view(text).substr(second)) == state::ready);
        check_hello(f.reader);
        f.reader.finish();
        CHECK(f.reader.empty());
      }
    }
  }
}

TEST_CASE("A request may come octet by octet, and others behind it") {
  feeder f;
  std::string_view left;
  for (int round = 0; round < 3; ++round) {
    for (const std::string& text : {post, chunked}) {
      for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const state now = f.feed(std::string_view(text).substr(i, 1));
        REQUIRE((now == state::header || now == state::body));
      }
      REQUIRE(f.feed(std::string_view(text).substr(text.size() - 1)) == state::ready);
      check_hello(f.reader);
      f.reader.finish();
    }
  }
}

TEST_CASE("Requests that came together are read one after the other") {
  feeder f;
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += i % 2 == 0 ? post : chunked;
  int served = 0;
  std::string_view rest = all;
  for (;;) {
    const state now = f.feed(rest);
    rest = f.left;
    if (now != state::ready) break;
    check_hello(f.reader);
    f.reader.finish();
    ++served;
  }
  CHECK(served == 50);
  CHECK(f.reader.empty());
}

TEST_CASE("Header, target and body have exact limits") {
  core::http_limits limits;
  limits.header_bytes = 300;
  limits.target_bytes = 50;
  limits.body_bytes = 100;
  const auto header_of = [](std::size_t size) {
    std::string text = "GET / HTTP/1.1\r\nHost: h\r\nA: ";
    return text + std::string(size - text.size() - 4, 'x') + "\r\n\r\n";
  };
  CHECK(refused_status(header_of(299), limits) == 0);
  CHECK(refused_status(header_of(300), limits) == 0);
  CHECK(refused_status(header_of(301), limits) == 431);
  CHECK(refused_status("GET / HTTP/1.1\r\nA: " + std::string(300, 'x'), limits) == 431);

  const auto target_of = [](std::size_t size) {
    return "GET /" + std::string(size - 1, 't') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  };
  CHECK(refused_status(target_of(49), limits) == 0);
  CHECK(refused_status(target_of(50), limits) == 0);
  CHECK(refused_status(target_of(51), limits) == 414);
  CHECK(refused_status(target_of(400), limits) == 414);
  CHECK(refused_status("GET /" + std::string(400, 't'), limits) == 414);

  const auto body_of = [](std::size_t size) {
    return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'b');
  };
  CHECK(refused_status(body_of(99), limits) == 0);
  CHECK(refused_status(body_of(100), limits) == 0);
  CHECK(refused_status(body_of(101), limits) == 413);

  // Providers push receipts by the hundred.
  limits.receipts_body_bytes = 200;
  const auto receipts_of = [](std::size_t size, const char* path = "/receipts/x/y") {
    return std::string("POST ") + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
           "\r\n\r\n" + std::string(size, 'b');
  };
  CHECK(refused_status(receipts_of(200), limits) == 0);
  CHECK(refused_status(receipts_of(201), limits) == 413);
  CHECK(refused_status(receipts_of(101, "/receipts"), limits) == 413);
  CHECK(refused_status(receipts_of(101, "/api/receipts/x"), limits) == 413);

  const auto chunks_of = [](std::size_t size) {
    std::string body;
    for (std::size_t i = 0; i < size; ++i)
      body += "1\r\nb\r\n";
    return chunk_head(body + "0\r\n\r\n");
  };
  CHECK(refused_status(chunks_of(99), limits) == 0);
  CHECK(refused_status(chunks_of(100), limits) == 0);
  CHECK(refused_status(chunks_of(101), limits) == 413);
}

TEST_CASE("Chunk extensions, leading zeros and trailers count towards the header's limit") {
  core::http_limits limits;
  limits.header_bytes = 300;
  const std::size_t room = limits.header_bytes - chunk_head("").size();
  const auto extension = [](std::size_t size) {
    return chunk_head("1;" + std::string(size - 1, 'e') + "\r\nb\r\n0\r\n\r\n");
  };
  CHECK(refused_status(extension(room - 1), limits) == 0);
  CHECK(refused_status(extension(room), limits) == 0);
  CHECK(refused_status(extension(room + 1), limits) == 431);
  CHECK(refused_status(extension(9000), limits) == 431);
  const auto trailer = [](std::size_t size) { return chunk_head("0\r\nT:" + std::string(size - 4, 't') + "\r\n\r\n"); };
  CHECK(refused_status(trailer(room), limits) == 0);
  CHECK(refused_status(trailer(room + 1), limits) == 431);
  CHECK(refused_status(trailer(20'000), limits) == 431);
  const auto zeros = [](std::size_t count) { return chunk_head(std::string(count, '0') + "1\r\nb\r\n0\r\n\r\n"); };
  CHECK(refused_status(zeros(room), limits) == 0);
  CHECK(refused_status(zeros(room + 1), limits) == 431);
  CHECK(refused_status(chunk_head("1;" + std::string(9000, 'e')), limits) == 431);  // the line has no end
  CHECK(refused_status(chunk_head("0\r\nT: " + std::string(9000, 't')), limits) == 431);
}

TEST_CASE("Chunks that are none are refused") {
  for (const std::string_view body :
       {"x\r\n", "\r\n", " 5\r\nhello\r\n0\r\n\r\n", "-5\r\n", "0x5\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n",
        "5 ;a\r\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n",
        "5;\x01\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "0\r\nbad trailer\r\n\r\n",
        "0\r\nTransfer-Encoding: gzip\r\n: x\r\n\r\n"}) {
    CAPTURE(body);
    CHECK(refused_status(chunk_head(body)) == 400);
  }
  for (const std::string_view size :
       {"4001\r\n", "ffffffffffffffff\r\n", "1ffffffffffffffff\r\n", "10000000000000000;a\r\n"})
    CHECK(refused_status(chunk_head(size)) == 413);
}

TEST_CASE("Chunk lines that end with a line feed alone never make a request") {
  feeder f;
  CHECK(f.feed(chunk_head("5\nhello\n0\n\n")) == state::body);
}

TEST_CASE("A trailer cannot end or keep the connection") {
  feeder f;
  REQUIRE(f.feed(chunk_head("0\r\nConnection: close\r\n\r\n")) == state::ready);
  CHECK(f.reader.keep_alive());
}

TEST_CASE("Connections are kept as version and field say") {
  struct {
    const char* text;
    bool keep;
  } const rows[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", true},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    feeder f;
    REQUIRE(f.feed(row.text) == state::ready);
    CHECK(f.reader.keep_alive() == row.keep);
  }
}

TEST_CASE("One empty line before a request is overlooked, a second is not") {
  feeder f;
  REQUIRE(f.feed("\r\n" + post) == state::ready);
  check_hello(f.reader);
  CHECK(refused_status("\r\n\r\n" + post) == 400);
  CHECK(refused_status("\n" + post) == 400);
  feeder slow;
  CHECK(slow.feed("\r") == state::header);
  CHECK(slow.feed("\n") == state::header);
  CHECK(slow.reader.empty());
  CHECK(slow.feed(post) == state::ready);
}

TEST_CASE("What was understood of a refused request tells whose error it is") {
  feeder f;
  REQUIRE(f.feed("POST /api/v4.0/login?x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == state::refused);
  CHECK(f.reader.request().path == "/api/v4.0/login");
  CHECK(f.reader.request().verb == http::method::post);
  feeder long_header;
  REQUIRE(long_header.feed("POST /api/v4.0/login HTTP/1.1\r\nA: " + std::string(9000, 'x')) == state::refused);
  CHECK(long_header.reader.request().path == "/api/v4.0/login");
}

TEST_CASE("A large request leaves no large buffer behind") {
  feeder f;
  const std::string large = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16384\r\n\r\n" + std::string(16384, 'b');
  REQUIRE(f.feed(large) == state::ready);
  CHECK(f.reader.request().body.size() == 16384);
  f.reader.finish();
  f.reader.reset();
  CHECK(f.reader.space().size() <= 4096);
  CHECK(f.feed(post) == state::ready);
  check_hello(f.reader);
}

TEST_CASE("The views of a request are into the buffer that the body made larger") {
  feeder f;
  const std::string fields = "X-Long: " + std::string(3900, 'v') + "\r\n";
  const std::string text = "POST /path?query HTTP/1.1\r\nHost: h\r\n" + fields + "Content-Length: 10000\r\n\r\n";
  REQUIRE(f.feed(text) == state::body);
  REQUIRE(f.feed(std::string(10000, 'b')) == state::ready);
  CHECK(f.reader.request().path == "/path");
  CHECK(f.reader.request().query == "query");
  CHECK(f.reader.request().header("X-Long")->size() == 3900);
  CHECK(f.reader.request().body == std::string(10000, 'b'));
}
