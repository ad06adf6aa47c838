#include "store/database_settings.hpp"

namespace smsauth::store {

namespace {

// SOCI's MySQL back end reads name='value' with backslash escapes.
std::string quoted_value(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  out += '\'';
  return out;
}

std::string mysql_string(const database_settings& s) {
  std::string out =
      "dbname=" + quoted_value(s.name) + " user=" + quoted_value(s.user) + " password=" + quoted_value(s.password);
  if (s.socket.empty()) {
    // SOCI would take "localhost" for the Unix socket and ignore the port.
    out += " host=" + quoted_value(s.host == "localhost" ? "127.0.0.1" : s.host) + " port=" + std::to_string(s.port);
  } else {
    out += " unix_socket=" + quoted_value(s.socket);
  }
  out += " charset=utf8mb4 connect_timeout=" + std::to_string(s.connect_timeout_seconds) +
         " read_timeout=" + std::to_string(s.io_timeout_seconds) +
         " write_timeout=" + std::to_string(s.io_timeout_seconds);
  return out;
}

}  // namespace

core::result<std::string> connection_string(const database_settings& settings) {
  if (settings.flavor == sql_flavor::mysql) return mysql_string(settings);
  // SOCI splits the SQLite string at blanks and '=' before it looks at quotes.
  if (settings.path.empty() || settings.path.find_first_of(" =\"'\t\n") != std::string::npos) {
    return core::failure(core::errc::invalid_field, "db");
  }
  return "db=" + settings.path + " timeout=" + std::to_string(settings.lock_timeout_seconds) + " synchronous=FULL";
}

}  // namespace smsauth::store
