// Who asks: the socket's peer, or what a trusted proxy says of it (HTTP-11, RFC 9700 section 4.13).
#pragma once

#include "core/error.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::http {

/// One client as the limits see it.
class client_address {
 public:
  client_address() = default;
  explicit client_address(const boost::asio::ip::address& address);

  /// Canonical text of the address: "203.0.113.7", "2001:db8::1". IPv4-mapped IPv6 is IPv4.
  const std::string& text() const noexcept { return text_; }
  /// The key of limits: the IPv4 address, or the /64 of an IPv6 address ("2001:db8::/64").
  const std::string& limit_key() const noexcept { return limit_key_; }

 private:
  std::string text_;
  std::string limit_key_;
};

/// The networks of --trusted-proxy.
class trusted_proxies {
 public:
  /// "10.0.0.0/8", "::1", "192.0.2.1". Error: invalid_field.
  core::result<void> add(std::string_view cidr);
  bool contains(const boost::asio::ip::address& address) const noexcept;
  bool empty() const noexcept { return v4_.empty() && v6_.empty(); }

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

/// The client of a connection from `peer` whose X-Forwarded-For fields are `forwarded` (in the order received).
/// The peer itself unless it is a trusted proxy; then the right-most entry that is no trusted proxy. What stands left
/// of it came from the client and is not looked at. Anything on the way to it that is no address falls back to the
/// peer.
boost::asio::ip::address resolve_client(const boost::asio::ip::address& peer,
                                        std::span<const std::string_view> forwarded, const trusted_proxies& proxies);

}  // namespace smsauth::http
