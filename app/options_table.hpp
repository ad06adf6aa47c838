// The one table of settings: flags, environment names, file keys, help, check-config and the example file follow it.
#pragma once

#include "app/settings.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace smsauth::app {

enum class option_kind : std::uint8_t {
  integer,
  choice,  ///< one of `form`, separated by "|"
  flag,    ///< bare on the command line; on or off elsewhere
  text,    ///< one value, as `form` says
  list,    ///< repeatable; each value may hold several, separated by commas (SQL: by semicolons)
  path,    ///< of a file; empty where the default is
  secret   ///< text whose value is masked wherever it is shown
};

/// Inclusive.
struct value_range {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

/// The default in each profile.
struct profile_defaults {
  std::string_view dev;
  std::string_view standard;
  std::string_view strict;
  constexpr profile_defaults(const char* all) : dev(all), standard(all), strict(all) {}  // NOLINT: reads as a value
  constexpr profile_defaults(const char* d, const char* others) : dev(d), standard(others), strict(others) {}
  constexpr profile_defaults(const char* d, const char* s, const char* t) : dev(d), standard(s), strict(t) {}
  constexpr std::string_view of(profile p) const noexcept {
    return p == profile::dev ? dev : p == profile::standard ? standard : strict;
  }
};

using integer_setter = void (*)(settings&, std::int64_t);
using choice_setter = void (*)(settings&, std::size_t);  ///< index into the choices
using flag_setter = void (*)(settings&, bool);
using text_setter = bool (*)(settings&, std::string_view);  ///< false: not what `form` says
using setter = std::variant<integer_setter, choice_setter, flag_setter, text_setter>;

struct option {
  std::string_view name;  ///< of the flag, without dashes
  option_kind kind = option_kind::text;
  std::string_view form;  ///< unit of an integer, choices, or what a text must look like
  value_range range;      ///< integers, profiles standard and strict
  value_range dev_range;  ///< integers, profile dev
  profile_defaults defaults = "";
  bool required = false;  ///< standard and strict have no default
  std::string_view zero;  ///< what 0 means where the range has it: "no limit"
  setter set;
  std::string_view help;

  constexpr value_range range_of(profile p) const noexcept { return p == profile::dev ? dev_range : range; }
  constexpr char separator() const noexcept { return name == "db-init-sql" ? ';' : ','; }
};

struct option_group {
  std::string_view title;
  std::span<const option> options;
};

/// All groups in the order of help and check-config. `config` itself is not in the table: it says where the file is.
std::span<const option_group> option_groups() noexcept;
/// The row of `name`, or nullptr.
const option* find_option(std::string_view name) noexcept;

/// "a number from 30 to 600 (seconds)", "one of: dev, standard, strict", …: the end of a configuration_error's line.
std::string expected_value(const option& row, profile p);

}  // namespace smsauth::app
