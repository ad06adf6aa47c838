// Flags, environment and file → one validated `settings`. Precedence: flag, environment SMSAUTHD_NAME, file, default of
// the profile. Nothing is guessed: an unknown name, a repeated value, a number out of range ends the start.
#pragma once

#include "app/settings.hpp"

#include <iosfwd>
#include <map>
#include <stdexcept>
#include <string>

namespace smsauth::app {

/// Exit code of the process after a configuration_error.
inline constexpr int exit_bad_configuration = 2;

/// Environment variables by name, so that tests bring their own.
using environment = std::map<std::string, std::string>;
environment process_environment(const char* const* envp);

/// One bad setting. what() is the one line for the operator, "code-ttl (flag): expected …"; it never holds the value
/// that was refused, which may be a password in the wrong place.
class configuration_error : public std::runtime_error {
 public:
  configuration_error(const std::string& setting, const std::string& source, const std::string& expected);
};

/// Reads everything. argv[0] is the program. For --help and --version only `command` is set.
/// Throws configuration_error. Opens no file but the one of --config.
settings parse_options(int argc, const char* const* argv, const environment& env);

/// --help: every flag by group with its unit, range and default; at most 100 columns.
void print_help(std::ostream& out);
/// check-config: every setting, its effective value (secrets as ****) and where it came from, aligned.
void print_effective(std::ostream& out, const settings& config);

/// Where the value of `name` came from ("flag", "default[dev]", …). Precondition: a name of the table.
const std::string& source_of(const settings& config, std::string_view name);

}  // namespace smsauth::app
