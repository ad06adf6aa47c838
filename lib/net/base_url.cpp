#include "net/base_url.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace smsauth::net {

namespace {

constexpr unsigned max_port = 65'535;

[[noreturn]] void refuse() {
  throw std::invalid_argument("expected http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]");
}

bool is_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool is_port(std::string_view port) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  return error == std::errc() && end == port.data() + port.size() && value >= 1 && value <= max_port;
}

bool is_path(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#'; });
}

}  // namespace

base_url parse_base_url(std::string_view text) {
  constexpr std::string_view plain = "http://";
  constexpr std::string_view secure = "https://";
  base_url made;
  made.tls = text.starts_with(secure);
  if (!made.tls && !text.starts_with(plain)) refuse();
  text.remove_prefix(made.tls ? secure.size() : plain.size());
  const auto slash = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, slash);
  std::string_view path = text.substr(slash);
  while (path.ends_with('/'))
    path.remove_suffix(1);
  if (!is_path(path)) refuse();
  made.path_prefix = path;

  const bool bracketed = authority.starts_with('[');
  const auto host_end = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (host_end == std::string_view::npos) refuse();
  made.host = authority.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
  authority.remove_prefix(bracketed ? host_end + 1 : host_end);
  made.port = made.tls ? "443" : "80";
  const std::string_view standard = made.port;
  std::string shown = bracketed ? '[' + made.host + ']' : made.host;
  if (!authority.empty()) {
    if (authority.front() != ':' || !is_port(authority.substr(1))) refuse();
    if (authority.substr(1) != standard) shown += authority;
    made.port = authority.substr(1);
  }
  made.host_field = std::move(shown);

  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(made.host, no_address);
  if (no_address ? bracketed || !is_name(made.host) : bracketed != address.is_v6()) refuse();
  made.loopback = no_address ? made.host == "localhost" : address.is_loopback();
  return made;
}

}  // namespace smsauth::net
