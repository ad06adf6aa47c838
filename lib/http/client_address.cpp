#include "http/client_address.hpp"

#include "http/syntax.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace smsauth::http {

namespace {

namespace ip = boost::asio::ip;

constexpr unsigned v4_bits = 32;
constexpr unsigned v6_bits = 128;
constexpr std::size_t limit_prefix_bytes = 8;   ///< an IPv6 client holds a /64 and picks addresses in it at will
constexpr std::size_t max_address_length = 45;  ///< INET6_ADDRSTRLEN without its NUL

/// IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2) is what a dual-stack socket says of IPv4; the zone is of no use to
/// limits.
ip::address plain(const ip::address& address) {
  if (!address.is_v6()) return address;
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  return ip::address_v6(v6.to_bytes());
}

constexpr character_set address_characters =
    make_character_set([](char c) { return hex_value(c) >= 0 || c == '.' || c == ':'; });

/// An address alone: no port, brackets, zone or quotes.
std::optional<ip::address> parse_address(std::string_view text) {
  if (text.empty() || text.size() > max_address_length || !consists_of(text, address_characters)) return std::nullopt;
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return plain(address);
}

/// The last element of a comma-separated list, which it loses.
std::string_view take_last(std::string_view& list, bool& more) {
  const auto comma = list.rfind(',');
  more = comma != std::string_view::npos;
  const std::string_view last = more ? list.substr(comma + 1) : list;
  list = more ? list.substr(0, comma) : std::string_view();
  return trimmed(last);
}

}  // namespace

client_address::client_address(const ip::address& address) {
  const ip::address known = plain(address);
  text_ = known.to_string();
  if (known.is_v4()) {
    limit_key_ = text_;
    return;
  }
  auto bytes = known.to_v6().to_bytes();
  std::fill(bytes.begin() + limit_prefix_bytes, bytes.end(), std::uint8_t{0});
  limit_key_ = ip::address_v6(bytes).to_string() + "/64";
}

core::result<void> trusted_proxies::add(std::string_view cidr) {
  const auto slash = cidr.find('/');
  const std::optional<ip::address> address = parse_address(cidr.substr(0, slash));
  if (!address) return core::errc::invalid_field;
  const unsigned bits = address->is_v4() ? v4_bits : v6_bits;
  unsigned prefix = bits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = cidr.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc() || end != digits.data() + digits.size() || prefix > bits) return core::errc::invalid_field;
  }
  // "10.0.0.1/8" is either 10.0.0.1 or 10.0.0.0/8: guessing would decide whom to believe.
  if (address->is_v4()) {
    const auto network = ip::make_network_v4(address->to_v4(), static_cast<unsigned short>(prefix));
    if (network.canonical().address() != network.address()) return core::errc::invalid_field;
    v4_.push_back(network);
  } else {
    const auto network = ip::make_network_v6(address->to_v6(), static_cast<unsigned short>(prefix));
    if (network.canonical().address() != network.address()) return core::errc::invalid_field;
    v6_.push_back(network);
  }
  return {};
}

bool trusted_proxies::contains(const ip::address& address) const noexcept {
  const ip::address known = plain(address);
  if (known.is_v4()) {
    const std::uint32_t bits = known.to_v4().to_uint();
    return std::any_of(v4_.begin(), v4_.end(), [bits](const ip::network_v4& network) {
      return (bits & network.netmask().to_uint()) == network.address().to_uint();
    });
  }
  const auto bytes = known.to_v6().to_bytes();
  return std::any_of(v6_.begin(), v6_.end(), [&bytes](const ip::network_v6& network) {
    const auto wanted = network.address().to_bytes();
    const unsigned length = network.prefix_length();
    const unsigned whole = length / 8;
    if (!std::equal(wanted.begin(), wanted.begin() + whole, bytes.begin())) return false;
    const unsigned rest = length % 8;
    return rest == 0 || (wanted[whole] >> (8 - rest)) == (bytes[whole] >> (8 - rest));
  });
}

ip::address resolve_client(const ip::address& peer, std::span<const std::string_view> forwarded,
                           const trusted_proxies& proxies) {
  ip::address socket_peer = plain(peer);
  if (proxies.empty() || !proxies.contains(socket_peer)) return socket_peer;
  // Several fields are one list (RFC 9110 section 5.3). Read from the right: each proxy appends the peer that it saw.
  // What stands further left is what the client said of itself, and must not even be able to spoil the answer.
  for (auto field = forwarded.rbegin(); field != forwarded.rend(); ++field) {
    std::string_view rest = *field;
    for (bool more = true; more;) {
      const std::optional<ip::address> entry = parse_address(take_last(rest, more));
      if (!entry) return socket_peer;
      if (!proxies.contains(*entry)) return *entry;
    }
  }
  return socket_peer;
}

}  // namespace smsauth::http
