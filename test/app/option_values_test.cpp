#include "app/option_values.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace smsauth::app;

TEST_CASE("an integer is digits alone and fits 64 bits") {
  struct row {
    std::string text;
    std::optional<std::int64_t> value;
  };
  const std::vector<row> rows{
      {"0", 0},      {"7", 7},
      {"007", 7},    {"9223372036854775807", INT64_MAX},
      {"", {}},      {"-1", {}},
      {"+1", {}},    {" 1", {}},
      {"1 ", {}},    {"1.0", {}},
      {"1e3", {}},   {"0x10", {}},
      {"1,000", {}}, {"9223372036854775808", {}},
      {"١", {}},     {std::string("1\0", 2), {}},
  };
  for (const row& r : rows) {
    CAPTURE(r.text);
    CHECK(parse_integer(r.text) == r.value);
  }
}

TEST_CASE("plain text is UTF-8 in shortest form without control characters") {
  for (const std::string& text :
       {std::string(""), std::string("kevin社圈"), std::string("\xF0\x9F\x98\x80"), std::string("\xED\x9F\xBF"),
        std::string("\xF4\x8F\xBF\xBF"), std::string(1024, 'a')}) {
    CAPTURE(text);
    CHECK(is_plain_text(text));
  }
  for (const std::string& text :
       {std::string("a\nb"), std::string("a\rb"), std::string("\t"), std::string("\0", 1), std::string("\x7f"),
        std::string("\x1b[2J"), std::string("\xC2\x85"), std::string("\xC0\x80"), std::string("\xE0\x80\x80"),
        std::string("\xED\xA0\x80"), std::string("\xF4\x90\x80\x80"), std::string("\xE7\xA4"), std::string("\x80"),
        std::string("\xFF"), std::string(1025, 'a')}) {
    CAPTURE(text);
    CHECK_FALSE(is_plain_text(text));
  }
}

TEST_CASE("a listener is an IP address and a port") {
  struct row {
    std::string text;
    std::string canonical;  // empty = refused
    bool loopback = false;
  };
  const std::vector<row> rows{
      {"127.0.0.1:8080", "127.0.0.1:8080", true},
      {"localhost:80", "127.0.0.1:80", true},
      {"127.9.9.9:0", "127.9.9.9:0", true},
      {"[::1]:9090", "[::1]:9090", true},
      {"0.0.0.0:8080", "0.0.0.0:8080", false},
      {"[::]:65535", "[::]:65535", false},
      {"192.0.2.1:1", "192.0.2.1:1", false},
      {"[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]:1", false},
      {"", ""},
      {"8080", ""},
      {":8080", ""},
      {"127.0.0.1", ""},
      {"127.0.0.1:", ""},
      {"127.0.0.1:65536", ""},
      {"127.0.0.1:-1", ""},
      {"127.0.0.1:80 ", ""},
      {"127.1:80", ""},
      {"::1:80", ""},
      {"[127.0.0.1]:80", ""},
      {"[localhost]:80", ""},
      {"[]:80", ""},
      {"example.com:80", ""},
      {"http://127.0.0.1:80", ""},
  };
  for (const row& r : rows) {
    CAPTURE(r.text);
    const auto address = parse_listen_address(r.text);
    CHECK(address.has_value() == !r.canonical.empty());
    if (!address) continue;
    CHECK(address->text() == r.canonical);
    CHECK(address->loopback() == r.loopback);
  }
}

TEST_CASE("a public URL has a host, perhaps a port and path, and nothing else") {
  for (const char* good : {"https://api.example.com", "http://127.0.0.1:8080", "https://[2001:db8::1]:8443",
                           "https://[::1]", "https://example.com/app/v1", "https://a-b.example"}) {
    CAPTURE(good);
    CHECK(is_public_url(good));
  }
  for (const char* bad : {"",
                          "https://",
                          "api.example.com",
                          "ftp://example.com",
                          "https://example.com/",
                          "https://example.com//a",
                          "https://example.com/a/",
                          "https://example.com/../x",
                          "https://user@example.com",
                          "https://example.com?x=1",
                          "https://example.com#x",
                          "https://example.com:0",
                          "https://example.com:99999",
                          "https://example.com:",
                          "https://EXAMPLE.com",
                          "https://exa mple.com",
                          "https://[::1",
                          "https://[::zz]",
                          "https://[::1]x:80",
                          "HTTPS://example.com"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_public_url(bad));
  }
}

TEST_CASE("an origin is a URL without a path") {
  CHECK(is_origin("https://m.example.com"));
  CHECK(is_origin("http://localhost:3000"));
  for (const char* bad : {"", "*", "null", "https://m.example.com/", "https://m.example.com/a", "m.example.com",
                          "https://*.example.com"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_origin(bad));
  }
}

TEST_CASE("a path prefix has plain segments and stays away from the other dialects") {
  for (const char* good : {"/module/main", "/m", "/a.b/c-d/e_f", "/apiary", "/module/api"}) {
    CAPTURE(good);
    CHECK(is_path_prefix(good));
  }
  for (const char* bad : {"", "/", "module", "/module/", "//module", "/module//main", "/..", "/a/../b", "/./a", "/a b",
                          "/a?b", "/a%2fb", "/模块", "/api", "/api/v4.0", "/api/module"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_path_prefix(bad));
  }
  CHECK_FALSE(is_path_prefix("/" + std::string(64, 'a')));
}

TEST_CASE("a country is a region that libphonenumber knows") {
  for (const char* good : {"CN", "HK", "MO", "TW", "PH", "GB", "all"}) {
    CAPTURE(good);
    CHECK(is_country(good));
  }
  for (const char* bad : {"", "UK", "cn", "CHN", "86", "C", "ZZ", "001", "ALL", "CN "}) {
    CAPTURE(bad);
    CHECK_FALSE(is_country(bad));
  }
}

TEST_CASE("lists are cut at the separator and keep their empty parts to be refused") {
  using parts = std::vector<std::string>;
  CHECK(split_list("", ',') == parts{});
  CHECK(split_list("   ", ',') == parts{});
  CHECK(split_list("a", ',') == parts{"a"});
  CHECK(split_list(" a , b ", ',') == parts{"a", "b"});
  CHECK(split_list("a,,b", ',') == parts{"a", "", "b"});
  CHECK(split_list("a,", ',') == parts{"a", ""});
  CHECK(split_list("SET a=1, b=2; SET c=3", ';') == parts{"SET a=1, b=2", "SET c=3"});
}

TEST_CASE("what is shown of a foreign text cannot begin a line of its own") {
  CHECK(printable("a\nb\x1b[2J\r\x7f") == "a?b?[2J??");
  CHECK(printable(std::string(500, 'x')).size() == 80);
}
