#include "app/options.hpp"

#include "app/option_sources.hpp"
#include "app/option_values.hpp"
#include "app/options_rules.hpp"
#include "app/options_table.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace smsauth::app {
namespace {

constexpr std::string_view mask = "****";

[[noreturn]] void refuse(const option& row, profile p, const std::string& source) {
  throw configuration_error(std::string(row.name), source, expected_value(row, p));
}

/// The winning value of one row: flag, environment, file, default of the profile.
given_value winner(const option& row, profile p, std::span<const given_values* const> sources) {
  for (const given_values* source : sources) {
    const auto found = source->find(row.name);
    if (found != source->end()) return found->second;
  }
  return {{std::string(row.defaults.of(p))}, "default[" + std::string(to_string(p)) + "]"};
}

std::size_t choice_index(const option& row, std::string_view text, profile p, const std::string& source) {
  const std::vector<std::string> choices = split_list(row.form, '|');
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found == choices.end()) refuse(row, p, source);
  return static_cast<std::size_t>(found - choices.begin());
}

/// Writes one text into its field. One overload per kind of setter.
struct assignment {
  settings& out;
  const option& row;
  const std::string& text;
  const std::string& source;
  profile in_profile;

  void operator()(integer_setter set) const {
    const auto value = parse_integer(text);
    const value_range range = row.range_of(in_profile);
    if (!value || *value < range.min || *value > range.max) refuse(row, in_profile, source);
    set(out, *value);
  }
  void operator()(choice_setter set) const { set(out, choice_index(row, text, in_profile, source)); }
  void operator()(flag_setter set) const {
    if (text != "on" && text != "off") refuse(row, in_profile, source);
    set(out, text == "on");
  }
  void operator()(text_setter set) const {
    if (row.kind == option_kind::choice) choice_index(row, text, in_profile, source);
    if (row.kind == option_kind::path && text.empty() && !row.defaults.of(in_profile).empty()) {
      refuse(row, in_profile, source);
    }
    if (!is_plain_text(text) || !set(out, text)) refuse(row, in_profile, source);
  }
};

void assign(settings& out, const option& row, const given_value& given, profile p) {
  std::string shown;
  for (const std::string& text : given.texts) {
    if (row.kind != option_kind::list) {
      std::visit(assignment{out, row, text, given.source, p}, row.set);
    } else {
      for (const std::string& part : split_list(text, row.separator())) {
        std::visit(assignment{out, row, part, given.source, p}, row.set);
      }
    }
    if (!shown.empty()) shown += row.separator();
    shown += row.kind == option_kind::secret ? mask : std::string_view(text);
  }
  out.effective.push_back({std::string(row.name), std::move(shown), given.source});
}

profile chosen_profile(std::span<const given_values* const> sources) {
  const option& row = *find_option("profile");
  const given_value given = winner(row, profile::standard, sources);
  return static_cast<profile>(choice_index(row, given.texts.front(), profile::standard, given.source));
}

config_file chosen_file(const given_values& flags, const given_values& variables) {
  for (const given_values* source : {&flags, &variables}) {
    const auto config = source->find("config");
    if (config != source->end()) return read_config_file(config->second.texts.front(), config->second.source);
  }
  return {};
}

}  // namespace

configuration_error::configuration_error(const std::string& setting, const std::string& source,
                                         const std::string& expected)
    : std::runtime_error(setting + " (" + source + "): " + expected) {}

const std::string& source_of(const settings& config, std::string_view name) {
  const auto found = std::find_if(config.effective.begin(), config.effective.end(),
                                  [&](const effective_value& value) { return value.name == name; });
  if (found == config.effective.end()) throw std::logic_error("source_of: no such setting");
  return found->source;
}

settings parse_options(int argc, const char* const* argv, const environment& env) {
  const command_line flags = read_command_line(argc, argv);
  settings out;
  out.command = flags.command;
  out.report = flags.report;
  if (out.command == command::help || out.command == command::version) return out;

  const given_values variables = read_environment(env);
  const config_file file = chosen_file(flags.values, variables);
  const std::array<const given_values*, 3> sources{&flags.values, &variables, &file.values};
  const profile p = chosen_profile(sources);
  for (const option_group& group : option_groups()) {
    for (const option& row : group.options) {
      const given_value given = winner(row, p, sources);
      if (row.required && given.texts.front().empty()) {
        // Not given and without a default: options_rules knows which commands can do without.
        out.effective.push_back({std::string(row.name), "", given.source});
      } else {
        assign(out, row, given, p);
      }
    }
  }
  out.sms.sections = file.sections;
  if (const auto found = env.find("CREDENTIALS_DIRECTORY"); found != env.end())
    out.credentials_directory = found->second;
  check_rules(out);
  complete(out);
  return out;
}

}  // namespace smsauth::app
