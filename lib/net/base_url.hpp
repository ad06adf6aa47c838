// Where a client's requests go: scheme, host, port and path prefix, apart.
#pragma once

#include <string>
#include <string_view>

namespace smsauth::net {

struct base_url {
  bool tls = false;
  std::string host;         ///< a name, or an address without brackets
  std::string port;         ///< decimal
  std::string path_prefix;  ///< without a slash at its end; often empty
  std::string host_field;   ///< for the Host field: no port where it is the scheme's default
  bool loopback = false;    ///< an address of this machine, or localhost
};

/// http(s)://HOST[:PORT][/PREFIX], no user, query or fragment. Throws std::invalid_argument.
base_url parse_base_url(std::string_view text);

}  // namespace smsauth::net
