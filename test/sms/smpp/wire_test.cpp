#include "sms/smpp/wire.hpp"

#include "sms/smpp/live_smpp.hpp"
#include "sms/smpp/pdu.hpp"
#include "sms/smpp/smsc_double.hpp"
#include "sms/temporary_directory.hpp"
#include "support/tls_credentials.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <optional>

using namespace smsauth;
using namespace smsauth::sms::smpp;
using test::live_smpp;
using test::smpp_keys;
using test::smsc_double;

namespace {

std::string code_of(live_smpp& live) {
  const sms::outcome what = live.send("1");
  return std::string(to_string(what.what)) + ' ' + what.provider_code;
}

/// With what a gateway over TLS ends that trusts the certificate of `trusted`.
std::string end_over_tls(const std::string& host, const test::tls_credentials& served,
                         const test::tls_credentials& trusted) {
  const test::temporary_directory directory;
  const std::string file = directory / "ca.pem";
  trusted.write_to(file);
  smsc_double smsc({}, served.server());
  live_smpp live(
      smpp_keys(smsc.port(), {{"host", host}, {"tls", "on"}, {"ca-file", file}, {"connect-timeout-ms", "450"}}));
  std::string code;
  // An attempt may be slow on a busy machine: the next one is what counts then.
  live.run_until([&] {
    code = code_of(live);
    return code != "rejected timeout" && code != "rejected no_link";
  });
  live.stop();
  CHECK(live.idle());
  return code;
}

}  // namespace

TEST_CASE("smpp wire: TLS to a peer whose certificate is trusted and has its name") {
  const test::tls_credentials both("DNS:localhost,IP:127.0.0.1");
  CHECK(end_over_tls("127.0.0.1", both, both) == "accepted ");
  CHECK(end_over_tls("localhost", both, both) == "accepted ");
}

TEST_CASE("smpp wire: TLS to a peer that is not the one, or that nobody vouches for") {
  const test::tls_credentials other("DNS:smsc.example.com");
  CHECK(end_over_tls("127.0.0.1", other, other) == "rejected certificate");
  CHECK(end_over_tls("localhost", other, other) == "rejected certificate");
  const test::tls_credentials name("DNS:localhost,IP:127.0.0.1");
  const test::tls_credentials stranger("DNS:localhost,IP:127.0.0.1");
  CHECK(end_over_tls("localhost", name, stranger) == "rejected certificate");
}

TEST_CASE("smpp wire: TLS to a peer that speaks without it") {
  const test::tls_credentials unused("DNS:localhost");
  const test::temporary_directory directory;
  const std::string file = directory / "ca.pem";
  unused.write_to(file);
  // Any 16 octets that are no TLS: the peer takes the hello for a PDU, and waits for the rest of it.
  smsc_double smsc;
  live_smpp live(smpp_keys(smsc.port(), {{"tls", "on"}, {"ca-file", file}, {"connect-timeout-ms", "450"}}));
  live.run_until([&] { return smsc.push(make_pdu(command::enquire_link, 1)); });
  live.run_until([&] { return code_of(live) == "rejected tls"; });
  CHECK(smsc.received(command::bind_transceiver).empty());
}

TEST_CASE("smpp wire: a name that nobody has") {
  live_smpp live(smpp_keys("2775", {{"host", "smsc.invalid"}, {"connect-timeout-ms", "450"}}));
  live.run_until([&] { return code_of(live) == "rejected resolve"; });
}

TEST_CASE("smpp wire: what has not been written can be taken back, and a peer that does not read is left") {
  boost::asio::io_context where(1);
  // Its kernel accepts, it never reads.
  boost::asio::ip::tcp::acceptor deaf(where, {boost::asio::ip::address_v4::loopback(), 0});
  const auto connection = std::make_shared<wire>(where, nullptr);
  std::optional<std::string> failure;
  boost::asio::co_spawn(where, wire::open(connection, "127.0.0.1", std::to_string(deaf.local_endpoint().port())),
                        [&](const std::exception_ptr&, std::string_view why) { failure = why; });
  where.run_for(std::chrono::seconds(20));
  REQUIRE(failure == "");

  short_message big;
  big.options.push_back({tag::message_payload, std::string(60'000, 'x')});
  std::uint32_t sequence = 0;
  bool waits = false;
  while (!waits && sequence < 10'000) {
    const std::uint32_t before = sequence;
    ++sequence;
    connection->send(encode(make_pdu(command::submit_sm, sequence, big)), sequence);
    where.restart();
    where.poll();
    waits = connection->withdraw(sequence);
    // What is being written, or was, stays.
    CHECK(!connection->withdraw(before));
  }
  REQUIRE(waits);
  CHECK(!connection->withdraw(sequence));  // once
  // An answer to a request of the peer with the same number is not our request.
  connection->send(encode(make_pdu(command::enquire_link_resp, 77)), 77);
  CHECK(!connection->withdraw(77));

  std::size_t queued = 0;
  while (!connection->closed() && queued < 100) {
    ++sequence;
    connection->send(encode(make_pdu(command::submit_sm, sequence, big)), sequence);
    ++queued;
  }
  CHECK(connection->closed());
  CHECK(queued == wire::max_unsent_octets / encode(make_pdu(command::submit_sm, 1, big)).size() + 1);
  CHECK(connection->withdraw(sequence));  // closed: what was queued has not been sent
  where.restart();
  where.run_for(std::chrono::seconds(20));
  CHECK(where.stopped());
}
