#include "app/database_uri.hpp"

#include "app/option_values.hpp"

#include <algorithm>
#include <limits>

namespace smsauth::app {
namespace {

constexpr std::size_t max_uri_bytes = 1024;
constexpr std::size_t max_path_bytes = 512;
constexpr std::size_t max_name_bytes = 64;  // identifiers of MariaDB and MySQL
constexpr std::string_view sqlite_scheme = "sqlite:";
constexpr std::string_view mysql_scheme = "mysql://";

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// RFC 3986 section 2.1. Nothing when a "%" is not followed by two hex digits or a control character comes out.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!is_plain_text(out)) return std::nullopt;
  return out;
}

bool is_path(std::string_view path, std::string_view forbidden) noexcept {
  return !path.empty() && path.size() <= max_path_bytes && is_plain_text(path) &&
         path.find_first_of(forbidden) == std::string_view::npos;
}

bool is_host(std::string_view host) noexcept {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool read_host_and_port(std::string_view text, store::database_settings& uri) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    uri.host = text.substr(1, end - 1);
    boost::system::error_code error;
    boost::asio::ip::make_address_v6(uri.host, error);
    if (error) return false;
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return false;
  } else {
    const std::size_t colon = text.find(':');
    uri.host = text.substr(0, colon);
    if (!is_host(uri.host)) return false;
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  // The client library takes "localhost" as "the default socket" and ignores the port.
  if (uri.host == "localhost") uri.host = "127.0.0.1";
  if (port.empty()) return true;
  const auto number = parse_integer(port.substr(1));
  if (!number || *number < 1 || *number > std::numeric_limits<std::uint16_t>::max()) return false;
  uri.port = static_cast<std::uint16_t>(*number);
  return true;
}

bool read_user(std::string_view text, store::database_settings& uri) {
  const std::size_t colon = text.find(':');
  const auto user = percent_decoded(text.substr(0, colon));
  if (!user || user->empty()) return false;
  uri.user = *user;
  if (colon == std::string_view::npos) return true;
  const auto password = percent_decoded(text.substr(colon + 1));
  if (!password) return false;
  uri.password = *password;
  return true;
}

std::optional<store::database_settings> parse_mysql(std::string_view text) {
  store::database_settings uri;
  uri.flavor = store::sql_flavor::mysql;
  const std::size_t question = text.find('?');
  if (question != std::string_view::npos) {
    constexpr std::string_view socket_key = "socket=";
    std::string_view query = text.substr(question + 1);
    if (!query.starts_with(socket_key) || query.find('&') != std::string_view::npos) return std::nullopt;
    const auto socket = percent_decoded(query.substr(socket_key.size()));
    if (!socket || !is_path(*socket, "'\"\\") || !socket->starts_with('/')) return std::nullopt;
    uri.socket = *socket;
    text = text.substr(0, question);
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto name = percent_decoded(text.substr(slash + 1));
  if (!name || name->empty() || name->size() > max_name_bytes || name->find('/') != std::string::npos)
    return std::nullopt;
  uri.name = *name;
  const std::string_view authority = text.substr(0, slash);
  const std::size_t at = authority.find('@');
  if (at == std::string_view::npos || authority.find('@', at + 1) != std::string_view::npos) return std::nullopt;
  if (!read_user(authority.substr(0, at), uri)) return std::nullopt;
  const std::string_view host = authority.substr(at + 1);
  if (host.empty() && !uri.socket.empty()) return uri;  // mysql://user@/name?socket=PATH
  if (!read_host_and_port(host, uri)) return std::nullopt;
  return uri;
}

}  // namespace

std::optional<store::database_settings> parse_database_uri(std::string_view text) {
  if (text.size() > max_uri_bytes || !is_plain_text(text)) return std::nullopt;
  if (text.starts_with(mysql_scheme)) {
    text.remove_prefix(mysql_scheme.size());
    if (text.find_first_of(" #") != std::string_view::npos) return std::nullopt;
    return parse_mysql(text);
  }
  if (!text.starts_with(sqlite_scheme)) return std::nullopt;
  store::database_settings uri;
  uri.path = text.substr(sqlite_scheme.size());
  // "file:" would make SQLite read the rest as a URI of its own, ":memory:" and names like it are no files.
  if (!is_path(uri.path, " ='\"\\?%#") || uri.path.starts_with(':') || uri.path.starts_with("file:"))
    return std::nullopt;
  return uri;
}

std::string masked(const store::database_settings& uri) {
  if (uri.flavor == store::sql_flavor::sqlite) return std::string(sqlite_scheme) + uri.path;
  std::string out = std::string(mysql_scheme) + uri.user;
  if (!uri.password.empty()) out += ":****";
  out += '@';
  if (!uri.host.empty()) {
    const bool v6 = uri.host.find(':') != std::string::npos;
    out += (v6 ? "[" + uri.host + "]" : uri.host) + ":" + std::to_string(uri.port);
  }
  out += "/" + uri.name;
  if (!uri.socket.empty()) out += "?socket=" + uri.socket;
  return out;
}

}  // namespace smsauth::app
