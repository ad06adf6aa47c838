// What people read: --help and check-config.
#include "app/options.hpp"
#include "app/options_table.hpp"

#include <algorithm>
#include <initializer_list>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace smsauth::app {
namespace {

constexpr std::size_t max_columns = 100;
constexpr std::size_t help_column = 34;
constexpr std::string_view mask = "****";

/// "--code-ttl N", "--profile dev|standard|strict", "--no-proxy".
std::string flag_of(const option& row) {
  std::string out = "--" + std::string(row.name);
  if (row.kind == option_kind::flag) return out;
  if (row.kind == option_kind::choice) return out + " " + std::string(row.form);
  if (row.kind == option_kind::integer) return out + " N";
  if (row.kind == option_kind::path) return out + " PATH";
  return out + (row.kind == option_kind::list ? " LIST" : " VALUE");
}

std::string range_text(const option& row) {
  std::string out = std::to_string(row.range.min) + " to " + std::to_string(row.range.max);
  if (!row.form.empty()) out += " " + std::string(row.form);
  if (row.dev_range.min != row.range.min) out += " (dev: from " + std::to_string(row.dev_range.min) + ")";
  if (!row.zero.empty()) out += "; 0 = " + std::string(row.zero);
  return out;
}

std::string default_text(const option& row) {
  const profile_defaults& values = row.defaults;
  const auto shown = [](std::string_view text) { return text.empty() ? std::string("empty") : std::string(text); };
  if (row.required) return "default in dev " + shown(values.dev) + ", required otherwise";
  if (values.dev == values.standard && values.standard == values.strict) return "default " + shown(values.standard);
  std::string out = "default " + shown(values.standard);
  if (values.dev != values.standard) out += ", dev " + shown(values.dev);
  if (values.strict != values.standard) out += ", strict " + shown(values.strict);
  return out;
}

std::string description(const option& row) {
  std::string out(row.help);
  switch (row.kind) {
    case option_kind::integer:
      out += "; " + range_text(row);
      break;
    case option_kind::list:
      out += "; a list of " + std::string(row.form);
      break;
    case option_kind::text:
    case option_kind::secret:
      out += "; " + std::string(row.form);
      break;
    case option_kind::choice:
    case option_kind::flag:
    case option_kind::path:
      break;
  }
  if (row.kind != option_kind::flag) out += "; " + default_text(row);
  return out;
}

/// One entry: the flag, and its text wrapped beside it or, when the flag is long, below it.
void print_entry(std::ostream& out, const std::string& flag, const std::string& text) {
  std::string line = "  " + flag;
  if (line.size() + 2 > help_column) {
    out << line << '\n';
    line.clear();
  }
  line.resize(help_column, ' ');
  std::size_t begin = 0;
  bool fresh = true;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (!fresh && line.size() + 1 + (end - begin) > max_columns) {
      out << line << '\n';
      line.assign(help_column, ' ');
      fresh = true;
    }
    if (!fresh) line += ' ';
    line.append(text, begin, end - begin);
    fresh = false;
    begin = end + 1;
  }
  out << line << '\n';
}

/// What stands in sections of its own. Keys of gateways may be credentials, whatever their names, and a reviewer's
/// number opens an account: shown are only words that cannot be either.
void add_sections(std::vector<effective_value>& lines, const sms_sections& sections) {
  const auto add = [&lines](std::initializer_list<std::string_view> parts, std::string_view shown) {
    std::string name;
    for (const std::string_view part : parts)
      name += part;
    effective_value line;
    line.name = std::move(name);
    line.shown = shown;
    line.source = "file";
    lines.push_back(std::move(line));
  };
  for (const auto& [section, keys] : sections.gateways) {
    for (const auto& [key, value] : keys)
      add({"sms.", section, ".", key}, key == "type" || key == "path" ? std::string_view(value) : mask);
  }
  for (const auto& [name, rule] : sections.routes)
    add({"routes.", name}, rule);
  for (const auto& [key, text] : sections.texts)
    add({"texts.", key}, text);
  for (const auto& [region, price] : sections.prices)
    add({"prices.", region}, price);
  for (std::size_t i = 0; i < sections.review_numbers.size(); ++i)
    add({"review-numbers.", std::to_string(i + 1)}, mask);
}

}  // namespace

void print_help(std::ostream& out) {
  out << "smsauthd [serve] [flags]       run the server (default command)\n"
         "smsauthd migrate [flags]       bring the schema up to date and exit\n"
         "smsauthd check-config [flags]  validate, print the effective settings with secrets masked\n"
         "smsauthd rotate-keys [flags]   make a new token signing key; tokens of the old one stay good\n"
         "smsauthd messages --to NUMBER [--full] [flags]\n"
         "                               what became of each message to a number; it is masked without --full\n"
         "smsauthd deliveries [--hours N] [flags]\n"
         "                               messages by hour, gateway, country and dialect; the last 24 hours\n"
         "smsauthd --help | --version\n\n"
         "Each setting is --NAME VALUE here, SMSAUTHD_NAME in the environment (in capitals, dashes become\n"
         "underscores) and NAME = VALUE in the file of --config; the first of these that has it wins. In the\n"
         "file the settings of a dialect may stand in its section: [dialect.module] prefix is --module-prefix.\n";
  bool first = true;
  for (const option_group& group : option_groups()) {
    out << '\n' << group.title << '\n';
    if (first) print_entry(out, "--config FILE", "INI file; keys as the flags, without dashes");
    first = false;
    for (const option& row : group.options)
      print_entry(out, flag_of(row), description(row));
  }
}

void print_effective(std::ostream& out, const settings& config) {
  std::vector<effective_value> lines = config.effective;
  add_sections(lines, config.sms.sections);
  constexpr std::size_t widest_value = 48;  // longer ones push their source to the right
  std::size_t names = 0;
  std::size_t values = 0;
  for (const effective_value& line : lines) {
    names = std::max(names, line.name.size());
    if (line.shown.size() <= widest_value) values = std::max(values, line.shown.size());
  }
  for (const effective_value& line : lines) {
    std::string text = line.name;
    text.resize(names + 2, ' ');
    text += line.shown;
    text.resize(std::max(text.size() + 2, names + values + 4), ' ');
    out << text << line.source << '\n';
  }
}

}  // namespace smsauth::app
