#include "app/option_sources.hpp"

#include "app/option_values.hpp"
#include "app/options_table.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace smsauth::app {
namespace {

namespace po = boost::program_options;

constexpr std::string_view flag_source = "flag";
constexpr std::string_view environment_prefix = "SMSAUTHD_";
// The name Boost gives to words that are no flags; a blank keeps it from being one.
constexpr const char* words_name = "command word";
constexpr std::array<std::pair<std::string_view, command>, 6> commands{{{"serve", command::serve},
                                                                        {"migrate", command::migrate},
                                                                        {"check-config", command::check_config},
                                                                        {"rotate-keys", command::rotate_keys},
                                                                        {"messages", command::messages},
                                                                        {"deliveries", command::deliveries}}};

po::options_description flag_descriptions() {
  po::options_description flags;
  const auto add = [&](std::string_view name, bool takes_value) {
    auto* semantic = po::value<std::string>();
    if (!takes_value) semantic->zero_tokens();
    flags.add_options()(std::string(name).c_str(), semantic);
  };
  for (const option_group& group : option_groups()) {
    for (const option& row : group.options)
      add(row.name, row.kind != option_kind::flag);
  }
  add("config", true);
  add("to", true);
  add("full", false);
  add("hours", true);
  add("help", false);
  add("version", false);
  flags.add_options()(words_name, po::value<std::vector<std::string>>());
  return flags;
}

/// "--name=value" → "name": what follows the "=" is not shown.
std::string bare_name(std::string_view token) {
  token.remove_prefix(std::min(token.find_first_not_of('-'), token.size()));
  return printable(token.substr(0, token.find('=')));
}

po::parsed_options parsed_flags(int argc, const char* const* argv, const po::options_description& flags) {
  po::positional_options_description words;
  words.add(words_name, -1);
  using namespace po::command_line_style;
  try {
    return po::command_line_parser(argc, argv)
        .options(flags)
        .positional(words)
        .style(allow_long | long_allow_adjacent | long_allow_next)
        .run();
  } catch (const po::unknown_option& error) {
    throw configuration_error(bare_name(error.get_option_name()), "flag", "unknown setting; see smsauthd --help");
  } catch (const po::invalid_command_line_syntax& error) {
    const bool extra = error.kind() == po::invalid_syntax::extra_parameter;
    throw configuration_error(bare_name(error.get_option_name()), "flag",
                              extra ? "takes no value" : "expected a value");
  } catch (const po::error&) {  // its text may hold a value
    throw configuration_error("command line", "flag", "expected --name value, see smsauthd --help");
  }
}

/// A stray word may be a value whose flag was forgotten: only what looks like a command is shown.
std::string shown_word(const std::string& word) {
  constexpr std::size_t max_shown_bytes = 20;
  const bool like_a_command = !word.empty() && word.size() <= max_shown_bytes &&
                              word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
  return like_a_command ? word : "command";
}

command command_named(const std::vector<std::string>& words) {
  const auto* const found =
      std::find_if(commands.begin(), commands.end(), [&](const auto& entry) { return entry.first == words.front(); });
  if (words.size() == 1 && found != commands.end()) return found->second;
  const std::string& stray = found == commands.end() ? words.front() : words[1];
  throw configuration_error(
      shown_word(stray), "command line",
      "expected at most one of serve, migrate, check-config, rotate-keys, messages, deliveries, and flags with two "
      "dashes");
}

/// --to, --full and --hours: of the reporting commands alone, so they are no settings.
bool read_report_flag(report_settings& into, const std::string& name, const std::string& text) {
  constexpr std::int64_t max_hours = 24 * 7;
  if (name == "to") {
    into.to = text;
  } else if (name == "full") {
    into.full = true;
  } else if (name == "hours") {
    const auto hours = parse_integer(text);
    if (!hours || *hours < 1 || *hours > max_hours)
      throw configuration_error(name, std::string(flag_source), "expected 1 to 168 hours");
    into.hours = *hours;
  } else {
    return false;
  }
  return true;
}

void check_report_flags(const command_line& given, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const command owner = name == "hours" ? command::deliveries : command::messages;
    if (given.command != owner)
      throw configuration_error(
          name, std::string(flag_source),
          name == "hours" ? "belongs to the command deliveries" : "belongs to the command messages");
  }
}

std::string environment_name(std::string_view name) {
  std::string out(environment_prefix);
  for (const char c : name)
    out += c == '-' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

}  // namespace

void add_value(given_values& values, const std::string& name, std::string text, const std::string& source) {
  given_value& given = values[name];
  const option* row = find_option(name);
  if (!given.texts.empty() && (row == nullptr || row->kind != option_kind::list)) {
    throw configuration_error(name, source, "given twice, expected once");
  }
  given.source = source;
  given.texts.push_back(std::move(text));
}

environment process_environment(const char* const* envp) {
  environment out;
  for (; envp != nullptr && *envp != nullptr; ++envp) {
    const std::string_view entry = *envp;
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos) out.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return out;
}

command_line read_command_line(int argc, const char* const* argv) {
  const po::options_description flags = flag_descriptions();
  command_line out;
  std::vector<std::string> words;
  std::vector<std::string> report_flags;
  for (const auto& parsed : parsed_flags(argc, argv, flags).options) {
    const std::string name = parsed.string_key;
    if (name == words_name && parsed.position_key >= 0) {
      words.insert(words.end(), parsed.value.begin(), parsed.value.end());
    } else if (name == words_name) {
      throw configuration_error(words_name, std::string(flag_source), "unknown setting; see smsauthd --help");
    } else if (name == "help") {
      out.command = command::help;
    } else if (name == "version") {
      if (out.command != command::help) out.command = command::version;
    } else {
      // "--log-file --no-proxy" forgot a value; one that begins with dashes is written --log-file=--x.
      const auto& tokens = parsed.original_tokens;
      if (tokens.size() > 1 && tokens[1].starts_with("--")) {
        throw configuration_error(name, std::string(flag_source), "expected a value");
      }
      const std::string text = parsed.value.empty() ? "on" : parsed.value.front();
      if (read_report_flag(out.report, name, text)) {
        report_flags.push_back(name);
      } else {
        add_value(out.values, name, text, std::string(flag_source));
      }
    }
  }
  if (!words.empty()) {
    const command named = command_named(words);
    if (out.command == command::serve) out.command = named;
  }
  if (out.command != command::help && out.command != command::version) check_report_flags(out, report_flags);
  return out;
}

given_values read_environment(const environment& env) {
  std::map<std::string, std::string, std::less<>> names;
  for (const option_group& group : option_groups()) {
    for (const option& row : group.options)
      names.emplace(environment_name(row.name), row.name);
  }
  names.emplace(environment_name("config"), "config");
  given_values out;
  for (const auto& [variable, text] : env) {
    if (!variable.starts_with(environment_prefix)) continue;
    const std::string source = "environment " + printable(variable);
    const auto found = names.find(variable);
    if (found == names.end()) {
      throw configuration_error(printable(variable), source, "unknown setting; see smsauthd --help");
    }
    add_value(out, found->second, text, source);
  }
  return out;
}

}  // namespace smsauth::app
