// What is known of a socket between two words of the kernel: an edge that is forgotten is a client that waits for ever.
#include "http/ready_socket.hpp"

#include "http/live_server.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

using namespace smsauth;
using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

/// A client, its socket on the server's side, and the set that watches it.
class pair {
 public:
  pair() {
    acceptor.non_blocking(true);
    client = std::make_unique<test::raw_client>(acceptor.local_endpoint());
    REQUIRE(test::eventually([this] {
      tcp::endpoint from;
      error_code error;
      socket.emplace(http::ready_socket::accept(acceptor.native_handle(), from, error));
      return socket->is_open() && from.address().is_loopback();
    }));
    error_code error;
    set.add(*socket, this, error);
    REQUIRE(!error);
  }

  /// Waits until an event has told it.
  bool becomes(bool (http::ready_socket::*what)() const noexcept) {
    return test::eventually([&] {
      for (const epoll_event& event : set.ready()) {
        CHECK(event.data.ptr == this);
        socket->note(event.events);
      }
      return ((*socket).*what)();
    });
  }
  std::string receive(std::size_t at_most, error_code& error) {
    std::string octets(at_most, '\0');
    octets.resize(socket->receive(octets, error));
    return octets;
  }

  boost::asio::io_context context;
  tcp::acceptor acceptor{context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  http::readiness_set set{context};
  std::unique_ptr<test::raw_client> client;
  std::optional<http::ready_socket> socket;
};

}  // namespace

TEST_CASE("nothing to accept is said as such") {
  boost::asio::io_context context;
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  acceptor.non_blocking(true);
  tcp::endpoint from;
  error_code error;
  CHECK(!http::ready_socket::accept(acceptor.native_handle(), from, error).is_open());
  CHECK(error == boost::asio::error::would_block);
}

TEST_CASE("a socket is readable until a read has found less than it had room for") {
  pair p;
  error_code error;
  CHECK(!p.socket->readable());
  CHECK(p.receive(4, error).empty());
  CHECK(error == boost::asio::error::would_block);
  REQUIRE(p.client->send("abcdef"));
  REQUIRE(p.becomes(&http::ready_socket::readable));
  CHECK(p.receive(4, error) == "abcd");
  CHECK(p.socket->readable());
  CHECK(p.receive(4, error) == "ef");
  CHECK(!p.socket->readable());
  REQUIRE(p.client->send("g"));
  REQUIRE(p.becomes(&http::ready_socket::readable));
  CHECK(p.receive(4, error) == "g");
  CHECK(!error);
}

TEST_CASE("an end that came along with octets is not forgotten when they are read") {
  pair p;
  REQUIRE(p.client->send("last"));
  p.client->end_of_requests();
  error_code error;
  std::string all;
  while (error != boost::asio::error::eof) {
    REQUIRE(p.becomes(&http::ready_socket::readable));
    all += p.receive(64, error);
    REQUIRE((!error || error == boost::asio::error::eof || error == boost::asio::error::would_block));
  }
  CHECK(all == "last");
  CHECK(p.socket->send("still heard", error) == 11);  // the other way is open
}

TEST_CASE(
    "a socket that takes no more is writable again when the client has read, not when it has ended its requests") {
  pair p;
  const std::string much(1024 * 1024, 'x');
  error_code error;
  std::size_t sent = 0;
  while (p.socket->writable())
    sent += p.socket->send(much, error);
  CHECK(error == boost::asio::error::would_block);
  p.client->end_of_requests();
  REQUIRE(p.becomes(&http::ready_socket::readable));
  CHECK(!p.socket->writable());
  std::size_t read = 0;
  std::array<char, 65536> room{};
  while (read < sent)
    read += p.client->drop(room);
  CHECK(p.becomes(&http::ready_socket::writable));
}
