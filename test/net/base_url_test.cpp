#include "net/base_url.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace smsauth;

TEST_CASE("a base URL's host stands in the Host field as it is sent: without the scheme's own port") {
  const struct {
    const char* text;
    bool tls;
    const char* host;
    const char* port;
    const char* prefix;
    const char* field;
    bool loopback;
  } rows[] = {
      {"https://api.example.com", true, "api.example.com", "443", "", "api.example.com", false},
      {"https://api.example.com:443/", true, "api.example.com", "443", "", "api.example.com", false},
      {"https://api.example.com:8443/v1/sms/", true, "api.example.com", "8443", "/v1/sms", "api.example.com:8443",
       false},
      {"http://localhost", false, "localhost", "80", "", "localhost", true},
      {"http://127.0.0.1:8080", false, "127.0.0.1", "8080", "", "127.0.0.1:8080", true},
      {"http://[::1]:8080/x", false, "::1", "8080", "/x", "[::1]:8080", true},
      {"https://[2001:db8::1]", true, "2001:db8::1", "443", "", "[2001:db8::1]", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const net::base_url got = net::parse_base_url(row.text);
    CHECK(got.tls == row.tls);
    CHECK(got.host == row.host);
    CHECK(got.port == row.port);
    CHECK(got.path_prefix == row.prefix);
    CHECK(got.host_field == row.field);
    CHECK(got.loopback == row.loopback);
  }
}

TEST_CASE("what is no base URL is refused") {
  for (const char* text :
       {"", "example.com", "ftp://a", "http://", "http:///x", "http://a b", "http://a:0", "http://a:65536",
        "http://a:x", "http://a:", "http://user@a", "http://a?x=1", "http://a/x?y", "http://a/#f", "http://[::1",
        "http://[a.b]", "http://::1", "http://a/\r\nX: y", "http://[127.0.0.1]"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(net::parse_base_url(text), std::invalid_argument);
  }
}
