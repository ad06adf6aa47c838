#include "http/client_address.hpp"

#include <boost/asio/ip/address.hpp>
#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

using namespace smsauth;
using boost::asio::ip::make_address;
using http::client_address;
using http::trusted_proxies;

namespace {

trusted_proxies proxies_of(std::initializer_list<std::string_view> networks) {
  trusted_proxies proxies;
  for (const std::string_view network : networks)
    REQUIRE(proxies.add(network).has_value());
  return proxies;
}

}  // namespace

TEST_CASE("Limits count an IPv4 address by itself and an IPv6 address by its /64") {
  struct {
    const char* address;
    const char* text;
    const char* key;
  } const rows[] = {
      {"203.0.113.7", "203.0.113.7", "203.0.113.7"},
      {"::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7"},
      {"2001:db8::1", "2001:db8::1", "2001:db8::/64"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", "2001:db8::/64"},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
      {"2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
      {"2001:db8:1:3::", "2001:db8:1:3::", "2001:db8:1:3::/64"},
      {"::1", "::1", "::/64"},
      {"fe80::1%1", "fe80::1", "fe80::/64"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.address);
    const client_address address(make_address(row.address));
    CHECK(address.text() == row.text);
    CHECK(address.limit_key() == row.key);
  }
}

TEST_CASE("A trusted network is an address or an exact CIDR") {
  for (const std::string_view good :
       std::initializer_list<std::string_view>{"10.0.0.0/8", "10.0.0.1", "10.0.0.1/32", "0.0.0.0/0", "::1",
                                               "2001:db8::/32", "::/0", "2001:db8::1/128", "::ffff:10.0.0.1"}) {
    CAPTURE(good);
    trusted_proxies proxies;
    CHECK(proxies.add(good).has_value());
    CHECK_FALSE(proxies.empty());
  }
  for (const std::string_view bad : std::initializer_list<std::string_view>{"",
                                                                            "/8",
                                                                            "10.0.0.0/",
                                                                            "10.0.0.0/33",
                                                                            "10.0.0.0/-1",
                                                                            "10.0.0.0/+8",
                                                                            "10.0.0.0/8 ",
                                                                            " 10.0.0.0/8",
                                                                            "10.0.0.0/8/8",
                                                                            "10.0.0.0/0x8",
                                                                            "10.0.0.1/8",
                                                                            "10.0.0",
                                                                            "10.0.0.0.0",
                                                                            "010.0.0.0",
                                                                            "localhost",
                                                                            "2001:db8::/129",
                                                                            "2001:db8::1/64",
                                                                            "[::1]",
                                                                            "::1%lo",
                                                                            "10.0.0.0/999999999999"}) {
    CAPTURE(bad);
    trusted_proxies proxies;
    const auto added = proxies.add(bad);
    REQUIRE_FALSE(added.has_value());
    CHECK(added.error().code == core::errc::invalid_field);
    CHECK(proxies.empty());
  }
}

TEST_CASE("A network contains the addresses of its prefix and no others") {
  const auto proxies = proxies_of({"10.0.0.0/8", "192.0.2.128/25", "2001:db8::/33", "::1"});
  for (const std::string_view inside : std::initializer_list<std::string_view>{
           "10.0.0.0", "10.255.255.255", "192.0.2.128", "192.0.2.255", "2001:db8::", "::1",
           "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "::ffff:10.1.2.3"}) {
    CAPTURE(inside);
    CHECK(proxies.contains(make_address(inside)));
  }
  for (const std::string_view outside : std::initializer_list<std::string_view>{
           "9.255.255.255", "11.0.0.0", "192.0.2.127", "2001:db8:8000::", "::2", "::", "2001:db7::", "::10.1.2.3"}) {
    CAPTURE(outside);
    CHECK_FALSE(proxies.contains(make_address(outside)));
  }
  CHECK(proxies_of({"0.0.0.0/0"}).contains(make_address("203.0.113.1")));
  CHECK_FALSE(proxies_of({"0.0.0.0/0"}).contains(make_address("2001:db8::1")));
}

TEST_CASE(
    "X-Forwarded-For counts from a trusted proxy only, from the right, up to the first address that is no proxy") {
  const auto proxies = proxies_of({"127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48"});
  const std::string peer = "127.0.0.1";
  struct {
    std::vector<std::string_view> fields;
    std::string expected;
  } const rows[] = {
      // one honest proxy
      {{"203.0.113.7"}, "203.0.113.7"},
      {{" 203.0.113.7 "}, "203.0.113.7"},
      {{"\t203.0.113.7\t"}, "203.0.113.7"},
      {{"2001:db8::7"}, "2001:db8::7"},
      {{"2001:DB8::7"}, "2001:db8::7"},
      {{"::ffff:203.0.113.7"}, "203.0.113.7"},
      // what the client claims stands on the left
      {{"198.51.100.1, 203.0.113.7"}, "203.0.113.7"},
      {{"198.51.100.1,203.0.113.7"}, "203.0.113.7"},
      {{"127.0.0.1, 203.0.113.7"}, "203.0.113.7"},
      {{"10.0.0.1, 203.0.113.7"}, "203.0.113.7"},
      {{"198.51.100.1, 198.51.100.2, 203.0.113.7"}, "203.0.113.7"},
      // a chain of proxies
      {{"203.0.113.7, 10.0.0.1"}, "203.0.113.7"},
      {{"203.0.113.7, 10.0.0.1, 10.0.0.2"}, "203.0.113.7"},
      {{"198.51.100.1, 203.0.113.7, 10.0.0.1"}, "203.0.113.7"},
      {{"203.0.113.7, 2001:db8:ffff::1"}, "203.0.113.7"},
      {{"203.0.113.7, ::ffff:10.0.0.1"}, "203.0.113.7"},
      {{"unknown, 203.0.113.7"}, "203.0.113.7"},
      {{"_hidden, 203.0.113.7"}, "203.0.113.7"},
      {{",203.0.113.7"}, "203.0.113.7"},
      {{"198.51.100.1,,203.0.113.7"}, "203.0.113.7"},
      {{"", "203.0.113.7"}, "203.0.113.7"},
      {{"<script>, 203.0.113.7, 10.0.0.1"}, "203.0.113.7"},
      // several fields are one list
      {{"198.51.100.1", "203.0.113.7"}, "203.0.113.7"},
      {{"203.0.113.7", "10.0.0.1"}, "203.0.113.7"},
      {{"198.51.100.1, 203.0.113.7", "10.0.0.1, 10.0.0.2"}, "203.0.113.7"},
      // nobody but proxies, or nobody at all
      {{}, peer},
      {{"127.0.0.1"}, peer},
      {{"10.0.0.1, 10.0.0.2"}, peer},
      // no address where our own proxies should have written one
      {{""}, peer},
      {{" "}, peer},
      {{","}, peer},
      {{", ,"}, peer},
      {{"203.0.113.7,"}, peer},
      {{"203.0.113.7, unknown"}, peer},
      {{"203.0.113.7, unknown, 10.0.0.1"}, peer},
      {{"203.0.113.7", ""}, peer},
      {{"unknown"}, peer},
      {{"203.0.113.7:8080"}, peer},
      {{"[2001:db8::7]"}, peer},
      {{"[2001:db8::7]:8080"}, peer},
      {{"\"203.0.113.7\""}, peer},
      {{"for=203.0.113.7"}, peer},
      {{"203.0.113.7;203.0.113.8"}, peer},
      {{"203.0.113.7 203.0.113.8"}, peer},
      {{"203.0.113"}, peer},
      {{"203.0.113.7.1"}, peer},
      {{"203.0.113.256"}, peer},
      {{"203.0.113.-1"}, peer},
      {{"0203.0.113.7"}, peer},
      {{"0xCB.0.113.7"}, peer},
      {{"3405803783"}, peer},
      {{"203.0.113.7/32"}, peer},
      {{"fe80::1%eth0"}, peer},
      {{"2001:db8::7::1"}, peer},
      {{"::ffff:203.0.113.256"}, peer},
      {{"203.0.113.7\r\n198.51.100.1"}, peer},
      {{std::string_view("203.0.113.7\0", 12)}, peer},
      {{"\xEF\xBC\x91.0.0.1"}, peer},   // full-width digit
      {{"203.0.113.7\xC2\xA0"}, peer},  // no-break space
      {{"localhost"}, peer},
      {{"null"}, peer},
      {{"'; DROP TABLE quota; --"}, peer},
      {{"../../etc/passwd"}, peer},
  };
  static_assert(std::size(rows) >= 60);
  for (const auto& row : rows) {
    std::string shown;
    for (const auto field : row.fields)
      shown += std::string(field) + " | ";
    CAPTURE(shown);
    CHECK(http::resolve_client(make_address(peer), row.fields, proxies).to_string() == row.expected);
    // From anybody else the same fields mean nothing.
    CHECK(http::resolve_client(make_address("198.51.100.99"), row.fields, proxies).to_string() == "198.51.100.99");
    CHECK(http::resolve_client(make_address(peer), row.fields, trusted_proxies()).to_string() == peer);
  }
}

TEST_CASE("A list as long as a header may be is read to its end") {
  const auto proxies = proxies_of({"127.0.0.1"});
  std::string list = "203.0.113.7";
  for (int i = 0; i < 600; ++i)
    list += ",127.0.0.1";
  const std::string_view one[] = {list};
  CHECK(http::resolve_client(make_address("127.0.0.1"), one, proxies).to_string() == "203.0.113.7");
  const std::string longer(8192, ',');
  const std::string_view commas[] = {longer};
  CHECK(http::resolve_client(make_address("127.0.0.1"), commas, proxies).to_string() == "127.0.0.1");
}

TEST_CASE("A dual-stack socket's peer is the IPv4 address that it stands for") {
  const auto proxies = proxies_of({"127.0.0.1"});
  const std::string_view forwarded[] = {"203.0.113.7"};
  CHECK(http::resolve_client(make_address("::ffff:127.0.0.1"), forwarded, proxies).to_string() == "203.0.113.7");
  CHECK(http::resolve_client(make_address("::ffff:192.0.2.1"), forwarded, proxies).to_string() == "192.0.2.1");
}
