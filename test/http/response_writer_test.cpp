#include "http/response_writer.hpp"

#include "http/http_status.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <utility>

using namespace smsauth::http;

namespace {

std::string written(const response& reply, const reply_frame& frame = {}) {
  std::string out;
  write_response(out, reply, frame);
  return out;
}

}  // namespace

TEST_CASE("A reply has the fields that every reply has") {
  reply_frame frame;
  frame.common = "Server: smsauthd\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  frame.request_id = "0123456789abcdef";
  CHECK(written(response(200, "{}"), frame) ==
        "HTTP/1.1 200 OK\r\n"
        "Server: smsauthd\r\n"
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        "Content-Length: 2\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "X-Request-Id: 0123456789abcdef\r\n"
        "\r\n"
        "{}");
}

TEST_CASE("A reply's own fields, waiting time and connection option are written") {
  response reply(503, "x", "text/plain");
  reply.retry_after_seconds = 7;
  reply.cacheable = true;
  reply.headers.emplace_back("Vary", "Origin");
  field_lines shared;
  shared.add("Allow", "GET");
  shared.add("X-A", "b");
  reply.fixed_fields = shared.text();
  reply_frame frame;
  frame.connection = connection_option::close;
  CHECK(written(reply, frame) ==
        "HTTP/1.1 503 Service Unavailable\r\n"
        "Content-Type: text/plain\r\n"
        "Content-Length: 1\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Retry-After: 7\r\n"
        "Vary: Origin\r\n"
        "Allow: GET\r\n"
        "X-A: b\r\n"
        "Connection: close\r\n"
        "\r\n"
        "x");
}

TEST_CASE("A reply to HEAD has the length of the body that it leaves out") {
  reply_frame frame;
  frame.head = true;
  const std::string text = written(response(200, "12345"), frame);
  CHECK(text.find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\n"));
}

TEST_CASE("204 and 304 have neither body nor length") {
  for (const int status : {204, 304}) {
    const std::string text = written(response(status, "lost"));
    CHECK(text.find("\r\nContent-Length") == std::string::npos);
    CHECK(text.find("\r\nContent-Type") == std::string::npos);
    CHECK(text.ends_with("\r\n\r\n"));
  }
}

TEST_CASE("A field that could end its line is refused and nothing is written") {
  const std::pair<std::string_view, std::string> broken[] = {
      {"X-A", "a\r\nSet-Cookie: b"},
      {"X-A", "a\nb"},
      {"X-A", std::string("a\0b", 3)},
      {"X-A", "a\x7F"},
      {"X A", "b"},
      {"", "b"},
      {"X-A:", "b"},
  };
  for (const auto& field : broken) {
    response reply(200, "{}");
    reply.headers.push_back(field);
    std::string out = "before";
    CHECK_THROWS_AS(write_response(out, reply, reply_frame()), std::logic_error);
    CHECK(out == "before");
    field_lines lines;
    CHECK_THROWS_AS(lines.add(field.first, field.second), std::logic_error);
    CHECK(lines.text().empty());
  }
}

TEST_CASE("Dates are in English and Greenwich") {
  CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(http_date(4102444799) == "Thu, 31 Dec 2099 23:59:59 GMT");
}

TEST_CASE("Server and Date are rendered anew when the second changes") {
  common_fields fields("smsauthd");
  CHECK(fields.at(784111777) == "Server: smsauthd\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  CHECK(fields.at(784111778) == "Server: smsauthd\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
  CHECK(fields.at(784111777).find(":37 GMT") != std::string::npos);
}

TEST_CASE("An unknown status still makes a status line") {
  CHECK(reason_phrase(200) == "OK");
  CHECK(reason_phrase(299) == "Status");
  CHECK(error_name(413) == "body_too_large");
  CHECK(error_name(418) == "error");
  CHECK(failure_of(503).retry_after_seconds > 0);
}
