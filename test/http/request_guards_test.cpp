#include "http/request_guards.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth;
using namespace smsauth::http;

namespace {

std::optional<refusal> check(const std::string& block, request_head& head) {
  return check_head(block, core::http_limits(), head);
}

/// The status of a block's refusal, or 0.
int status_of(const std::string& block) {
  request_head head;
  const auto refused = check(block, head);
  return refused ? refused->status : 0;
}

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string with_host(std::string_view host) {
  return "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("Request lines are taken apart") {
  struct {
    const char* line;
    method verb;
    const char* path;
    const char* query;
  } const rows[] = {
      {"GET / HTTP/1.1", method::get, "/", ""},
      {"POST /a/b?c=d&e HTTP/1.0", method::post, "/a/b", "c=d&e"},
      {"GET /? HTTP/1.1", method::get, "/", ""},
      {"GET /??a HTTP/1.1", method::get, "/", "?a"},
      {"GET //a HTTP/1.1", method::get, "//a", ""},
      {"GET /%20 HTTP/1.1", method::get, "/%20", ""},
      {"GET /http://b HTTP/1.1", method::get, "/http://b", ""},
      {"OPTIONS * HTTP/1.1", method::options, "*", ""},
      {"get / HTTP/1.1", method::other, "/", ""},
      {"PROPFIND / HTTP/1.1", method::other, "/", ""},
      {"GET http://evil/a?b HTTP/1.1", method::get, "/a", "b"},
      {"GET HTTPS://evil:1/a HTTP/1.1", method::get, "/a", ""},
      {"GET http://evil HTTP/1.1", method::get, "/", ""},
      {"GET http://evil?b HTTP/1.1", method::get, "/", "b"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    request_line out;
    REQUIRE_FALSE(parse_request_line(row.line, 2048, out).has_value());
    CHECK(out.verb == row.verb);
    CHECK(out.path == row.path);
    CHECK(out.query == row.query);
  }
}

TEST_CASE("Request lines that are none are refused") {
  struct {
    std::string line;
    int status;
  } const rows[] = {
      {"", 400},
      {"GET", 400},
      {"GET ", 400},
      {"GET /", 400},
      {"GET / ", 400},
      {"GET  / HTTP/1.1", 400},
      {"GET /  HTTP/1.1", 400},
      {" GET / HTTP/1.1", 400},
      {"GET / HTTP/1.1 ", 400},
      {"GET\t/ HTTP/1.1", 400},
      {"GE(T / HTTP/1.1", 400},
      {"G\xC3\x89T / HTTP/1.1", 400},
      {"GET / HTTP/1", 400},
      {"GET / HTTP/11", 400},
      {"GET / http/1.1", 400},
      {"GET / HTTP/1.1x", 400},
      {"GET / HTTP/1.10", 400},
      {"GET / HTTP/a.b", 400},
      {"GET / HTTP/1.2", 505},
      {"GET / HTTP/2.0", 505},
      {"GET / HTTP/0.9", 505},
      {"GET a HTTP/1.1", 400},
      {"GET ../a HTTP/1.1", 400},
      {"GET ?a HTTP/1.1", 400},
      {"GET * HTTP/1.1", 400},
      {"GET evil/a HTTP/1.1", 400},
      {"GET ftp://evil/a HTTP/1.1", 400},
      {"GET http:///a HTTP/1.1", 400},
      {"GET http:// HTTP/1.1", 400},
      {"CONNECT evil:443 HTTP/1.1", 400},
      {"GET /#a HTTP/1.1", 400},
      {"GET /\xFF HTTP/1.1", 400},
      {"GET /\xE4\xBD\xA0 HTTP/1.1", 400},
      {"GET /\x01 HTTP/1.1", 400},
      {"GET /\x7F HTTP/1.1", 400},
      {"GET /\t HTTP/1.1", 400},
      {"GET /\rX HTTP/1.1", 400},
      {"GET /" + std::string(2047, 'a') + " HTTP/1.1", 0},
      {"GET /" + std::string(2048, 'a') + " HTTP/1.1", 414},
      {"GET /" + std::string(2048, 'a'), 414},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    request_line out;
    const auto refused = parse_request_line(row.line, 2048, out);
    CHECK((refused ? refused->status : 0) == row.status);
  }
}

TEST_CASE("Fields with one meaning pass") {
  for (const std::string_view fields : std::initializer_list<std::string_view>{
           "", "A:\r\n", "A: \t \r\n", "A: b \xFF c\r\n", "A:b\tc\r\n", "Content-Length: 0\r\n",
           "Content-Length:16384\r\n", "Content-Length: 00000000000000000005\r\n", "Transfer-Encoding: chunked\r\n",
           "transfer-encoding: CHUNKED\r\n", "Expect: 100-Continue\r\n", "!#$%&'*+-.^_`|~09az: ok\r\n", "Hosts: x\r\n",
           "TE: trailers\r\n"}) {
    CAPTURE(fields);
    CHECK(status_of(get(fields)) == 0);
  }
  request_head head;
  REQUIRE_FALSE(check(get("Content-Length: 12\r\nExpect: 100-continue\r\n"), head).has_value());
  CHECK(head.content_length == 12);
  CHECK(head.expects_continue);
  CHECK_FALSE(head.chunked);
}

TEST_CASE("Fields with two meanings are refused") {
  struct {
    std::string fields;
    int status;
  } const rows[] = {
      // framing (HTTP-01)
      {"Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", 400},
      {"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", 400},
      {"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", 400},
      {"Transfer-Encoding:\r\nContent-Length: 5\r\n", 400},
      {"Transfer-Encoding: gzip\r\n", 400},
      {"Transfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding: chunked, identity\r\n", 400},
      {"Transfer-Encoding: gzip, chunked\r\n", 400},
      {"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding: chunked;q=1\r\n", 400},
      {"Transfer-Encoding: \"chunked\"\r\n", 400},
      {"Transfer-Encoding: chunked,\r\n", 400},
      {"Transfer-Encoding: \x0b"
       "chunked\r\n",
       400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
      {"Content-Length: 5, 5\r\n", 400},
      {"Content-Length: 5,\r\n", 400},
      {"Content-Length:\r\n", 400},
      {"Content-Length: +5\r\n", 400},
      {"Content-Length: -5\r\n", 400},
      {"Content-Length: 0x5\r\n", 400},
      {"Content-Length: 5 5\r\n", 400},
      {"Content-Length: 5a\r\n", 400},
      {"Content-Length: 5.0\r\n", 400},
      {"Content-Length: 1_0\r\n", 400},
      {"Content-Length: 16385\r\n", 413},
      {"Content-Length: 18446744073709551615\r\n", 413},
      {"Content-Length: 18446744073709551616\r\n", 413},
      {"Content-Length: " + std::string(100, '9') + "\r\n", 413},
      // lines (HTTP-03)
      {"A : b\r\n", 400},
      {"A\t: b\r\n", 400},
      {": b\r\n", 400},
      {"A\r\n", 400},
      {" A: b\r\n", 400},
      {"A: b\r\n c\r\n", 400},
      {"A: b\r\n\tc\r\n", 400},
      {"Transfer-Encoding:\r\n chunked\r\n", 400},
      {"A\x01: b\r\n", 400},
      {"A(: b\r\n", 400},
      {"\xC3\x84: b\r\n", 400},
      {"A: \x01\r\n", 400},
      {"A: \x7F\r\n", 400},
      {"A: \x1B[31m\r\n", 400},
      {std::string("A: b\0c\r\n", 8), 400},
      {"A: b\rc\r\n", 400},
      {"A: b\r\r\n", 400},
      // expectations
      {"Expect: 200-ok\r\n", 417},
      {"Expect:\r\n", 417},
      // host (HTTP-02)
      {"Host: a\r\n", 400},
      {"Host: b\r\n", 400},
      {"hOsT: b\r\n", 400},
  };
  for (const auto& row : rows) {
    CAPTURE(row.fields);
    CHECK(status_of(get(row.fields)) == row.status);
  }
}

TEST_CASE("Host names a host") {
  for (const std::string_view good :
       std::initializer_list<std::string_view>{"a", "a.b-c_d.example", "127.0.0.1", "a:80", "a:65535", "a:", "[::1]",
                                               "[2001:db8::1]:80", "[::ffff:1.2.3.4]"}) {
    CAPTURE(good);
    CHECK(status_of(with_host(good)) == 0);
  }
  for (const std::string_view bad : std::initializer_list<std::string_view>{
           "",     "a@b", "a@b,c",   "a,b",      "a b", "a/b",       "a?b",  "a#b",
           "a\\b", "a:b", "a:80:80", "a:123456", ":80", "http://a",  "a%00", "[::1",
           "[]",   "[a]", "[::1]x",  "[::1]:x",  "::1", "a\xC3\xA9", "<a>",  "\"a\""}) {
    CAPTURE(bad);
    CHECK(status_of(with_host(bad)) == 400);
  }
  CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.0\r\n\r\n") == 0);
  CHECK(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == 400);
  CHECK(status_of("GET http://a/ HTTP/1.1\r\n\r\n") == 400);
}

TEST_CASE("HTTP/1.0 has no chunks and no expectations") {
  CHECK(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(status_of("POST / HTTP/1.0\r\nExpect: anything\r\n\r\n") == 0);
}

TEST_CASE("More fields than any client sends are too many") {
  std::string fields;
  for (std::size_t i = 0; i + 1 < max_header_fields; ++i)
    fields += "a:b\r\n";  // and Host
  CHECK(status_of(get(fields)) == 0);
  CHECK(status_of(get(fields + "a:b\r\n")) == 431);
}

TEST_CASE("The end of a header is found wherever the pieces end") {
  const std::string block = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string input = block + "GET";
  for (std::size_t first = 0; first < block.size(); ++first) {
    for (std::size_t second = first; second <= block.size(); ++second) {
      header_scan scan;
      REQUIRE(scan.find_end(input.substr(0, first)) == header_scan::state::incomplete);
      if (second < block.size()) REQUIRE(scan.find_end(input.substr(0, second)) == header_scan::state::incomplete);
      REQUIRE(scan.find_end(input) == header_scan::state::complete);
      REQUIRE(scan.size() == block.size());
    }
  }
}

TEST_CASE("A line that ends with a line feed alone is seen at once") {
  for (const std::string_view input : std::initializer_list<std::string_view>{
           "\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: a\n", "GET / HTTP/1.1\r\nHost: a\r\n\n"}) {
    CAPTURE(input);
    header_scan scan;
    CHECK(scan.find_end(input) == header_scan::state::bare_line_feed);
  }
}
