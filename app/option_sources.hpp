// What the three sources say, before anything is validated: names, texts and where each came from.
#pragma once

#include "app/options.hpp"
#include "app/settings.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace smsauth::app {

struct given_value {
  std::vector<std::string> texts;  ///< more than one only for lists
  std::string source;
};
using given_values = std::map<std::string, given_value, std::less<>>;

struct command_line {
  app::command command = command::serve;
  report_settings report;
  given_values values;
};

struct config_file {
  given_values values;
  sms_sections sections;
};

/// Each throws configuration_error: unknown name, a value given twice or not at all, unreadable file.
command_line read_command_line(int argc, const char* const* argv);
given_values read_environment(const environment& env);
/// `source` is where the path came from, for the message when the file cannot be read.
config_file read_config_file(const std::string& path, const std::string& source);

/// Adds a text; a second one is refused unless the setting is a list.
void add_value(given_values& values, const std::string& name, std::string text, const std::string& source);

}  // namespace smsauth::app
