// The INI file of --config.
#include "app/option_sources.hpp"
#include "app/option_values.hpp"
#include "app/options_table.hpp"

#include <boost/program_options/option.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace smsauth::app {
namespace {

namespace po = boost::program_options;

constexpr std::uintmax_t max_file_bytes = 1'048'576;
constexpr std::string_view sms_prefix = "sms.";
/// Section → what its keys' flags begin with: cors-origin in [dialect.discuzq] is --discuzq-cors-origin.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> dialect_sections{
    {{"dialect.discuzq.", "discuzq-"},
     {"dialect.v4.", "v4-"},
     {"dialect.smssend.", "smssend-"},
     {"dialect.module.", "module-"}}};

std::string read_text(const std::string& path, const std::string& source) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  const std::uintmax_t size = regular ? std::filesystem::file_size(path, error) : 0;
  std::ifstream file(path, std::ios::binary);
  if (!regular || error || size > max_file_bytes || !file) {
    throw configuration_error("config", source, "expected a readable file of at most 1 MiB: " + printable(path));
  }
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// Boost cuts a line at any "#", which would silently shorten a password, and does not say which line is bad.
void check_line(std::string_view line, int number, const std::string& source) {
  const std::string where = "line " + std::to_string(number);
  const std::size_t hash = line.find('#');
  if (hash != std::string_view::npos && hash > 0 && line[hash - 1] != ' ' && line[hash - 1] != '\t') {
    throw configuration_error(where, source, "a # begins a comment and needs a blank before it; in a URI write %23");
  }
  const std::string_view rest = trimmed(line.substr(0, hash));
  if (rest.empty() || (rest.starts_with('[') && rest.ends_with(']') && rest.size() > 2)) return;
  const std::size_t equals = rest.find('=');
  if (equals == 0 || equals == std::string_view::npos || !is_plain_text(rest.substr(equals + 1))) {
    throw configuration_error(where, source, "expected name = value, [section] or # comment, in UTF-8");
  }
}

void check_lines(std::string_view text, const std::string& source) {
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    check_line(text.substr(0, end), number, source);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

/// "dialect.discuzq.cors-origin" → "discuzq-cors-origin"; names outside a section stay.
std::string setting_name(const std::string& key) {
  for (const auto& [section, prefix] : dialect_sections) {
    if (key.starts_with(section)) return std::string(prefix) + key.substr(section.size());
  }
  return key;
}

void add_sms_key(config_file& out, const std::string& key, const std::string& text, const std::string& source) {
  const std::string rest = key.substr(sms_prefix.size());
  const std::size_t dot = rest.find('.');  // keys may have dots of their own: template.login.zh
  if (dot == std::string::npos || dot == 0 || dot + 1 == rest.size()) {
    throw configuration_error(printable(key), source, "expected name = value in a section [sms.NAME]");
  }
  const bool added = out.sections.gateways[rest.substr(0, dot)].emplace(rest.substr(dot + 1), text).second;
  if (!added) throw configuration_error(printable(key), source, "given twice, expected once");
}

/// A key of [routes], [texts], [prices] or [review-numbers]. False when it is of none of them.
bool add_section_key(config_file& out, const std::string& key, const std::string& text, const std::string& source) {
  const std::array<std::pair<std::string_view, sms_sections::section*>, 3> sections{
      {{"texts.", &out.sections.texts},
       {"prices.", &out.sections.prices},
       {"review-numbers.", &out.sections.review_numbers}}};
  constexpr std::string_view routes = "routes.";
  bool added = true;
  bool known = false;
  if (key.starts_with(routes)) {
    const std::string name = key.substr(routes.size());
    for (const auto& [other, rule] : out.sections.routes)
      added = added && other != name;
    out.sections.routes.emplace_back(name, text);
    known = true;
  }
  for (const auto& [prefix, section] : sections) {
    if (!key.starts_with(prefix)) continue;
    added = section->emplace(key.substr(prefix.size()), text).second;
    known = true;
  }
  if (!added) throw configuration_error(printable(key), source, "given twice, expected once");
  return known;
}

void add_setting(config_file& out, const std::string& key, const std::string& text, const std::string& source) {
  const std::string name = setting_name(key);
  if (find_option(name) == nullptr) {
    throw configuration_error(printable(key), source,
                              name == "config" ? "a file cannot name another" : "unknown setting; see smsauthd --help");
  }
  add_value(out.values, name, text, source);
}

}  // namespace

config_file read_config_file(const std::string& path, const std::string& path_source) {
  const std::string text = read_text(path, path_source);
  const std::string source = "file:" + printable(path);
  check_lines(text, source);
  std::istringstream stream(text);
  config_file out;
  try {
    const po::options_description none;
    for (const auto& parsed : po::parse_config_file(stream, none, true).options) {
      const std::string value = parsed.value.empty() ? std::string() : parsed.value.front();
      if (parsed.string_key.starts_with(sms_prefix)) {
        add_sms_key(out, parsed.string_key, value, source);
      } else if (!add_section_key(out, parsed.string_key, value, source)) {
        add_setting(out, parsed.string_key, value, source);
      }
    }
  } catch (const po::error&) {  // its text holds the line, and with it perhaps a password
    throw configuration_error("config", source, "expected lines name = value, [section] or # comment");
  }
  return out;
}

}  // namespace smsauth::app
