#include "app/options_table.hpp"

#include "app/option_values.hpp"
#include "app/parsed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace smsauth::app;
using namespace smsauth::app::testing;

namespace {

std::vector<option> all_rows() {
  std::vector<option> rows;
  for (const option_group& group : option_groups())
    rows.insert(rows.end(), group.options.begin(), group.options.end());
  return rows;
}

/// A start with this flag and whatever else its neighbours need for any value of the range to be consistent.
std::string line_with(const std::string& profile, const option& row, std::int64_t value) {
  words line = complete_line(profile, {"--db-lanes", "0"});
  const std::map<std::string_view, words> company{
      {"db-lanes", {"--db-pool", "64"}},
      {"password-min-length", {"--password-max-length", "256"}},
      {"v4-password-min-length", {"--v4-password-max-length", "256"}},
      {"password-max-length", {"--password-min-length", "8"}},
      {"v4-password-max-length", {"--v4-password-min-length", "8"}},
      {"password-first-delay", {"--password-max-delay", "86400"}},
      {"password-max-delay", {"--password-first-delay", "1"}},
      {"argon2-memory", {"--argon2-iterations", "10"}},
      {"argon2-iterations", {"--argon2-memory", "262144"}},
  };
  const auto found = company.find(row.name);
  if (found != company.end()) line.insert(line.end(), found->second.begin(), found->second.end());
  if (row.name == "db-lanes") {  // SQLite has one writer, and complete_line gave the flag already
    line = {"--profile", profile, "--db", "mysql://u@h/n", "--sms", "log:", "--secret-file", "k", "--db-pool", "64"};
  }
  if (profile == "dev" && row.name.ends_with("password-max-length")) line.back() = "1";
  const std::string flag = "--" + std::string(row.name);
  line.push_back(flag);
  line.push_back(std::to_string(value));
  return line_of(line);
}

}  // namespace

TEST_CASE("every number takes its range to the edge and not beyond, in each profile") {
  std::size_t numbers = 0;
  for (const option& row : all_rows()) {
    if (row.kind != option_kind::integer) continue;
    ++numbers;
    for (const profile p : {profile::dev, profile::standard, profile::strict}) {
      value_range range = row.range_of(p);
      const std::string name(to_string(p));
      CAPTURE(std::string(row.name));
      CAPTURE(name);
      CHECK(range.min < range.max);
      CHECK(line_with(name, row, range.max) == "ok");
      const bool strict_length = p == profile::strict && row.name.ends_with("password-min-length");
      if (strict_length) {
        range.min = 8;
      }
      CHECK(line_with(name, row, range.min) == "ok");
      const std::string refused = std::string(row.name) + " (flag): ";
      CHECK(line_with(name, row, range.min - 1).starts_with(refused));
      CHECK(line_with(name, row, range.max + 1).starts_with(refused));
    }
  }
  CHECK(numbers > 50);
}

TEST_CASE("every row is complete") {
  std::set<std::string_view> names;
  for (const option& row : all_rows()) {
    CAPTURE(std::string(row.name));
    CHECK(names.insert(row.name).second);
    CHECK(find_option(row.name) != nullptr);
    CHECK(find_option(row.name)->name == row.name);
    CHECK_FALSE(row.help.empty());
    CHECK(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos);
    const bool says_form = row.kind == option_kind::flag || row.kind == option_kind::path || !row.form.empty();
    CHECK(says_form);
    if (row.kind == option_kind::integer) {
      const bool says_zero = std::min(row.range.min, row.dev_range.min) > 0 || !row.zero.empty();
      CHECK(says_zero);
    }
  }
  CHECK(find_option("config") == nullptr);
  CHECK(find_option("") == nullptr);
}

TEST_CASE("the names of the product contract are there") {
  for (const char* name : {"profile",
                           "listen",
                           "admin-listen",
                           "db",
                           "db-pool",
                           "threads",
                           "sms",
                           "secret-file",
                           "trusted-proxy",
                           "no-proxy",
                           "code-ttl",
                           "resend-gap",
                           "phone-sends-per-hour",
                           "phone-sends-per-day",
                           "ip-sends-per-hour",
                           "ip-sends-per-day",
                           "wrong-tries-per-code",
                           "wrong-tries-per-day",
                           "v4-register-code",
                           "module-prefix"}) {
    CAPTURE(name);
    CHECK(find_option(name) != nullptr);
  }
}

TEST_CASE("help names every flag and stays within 100 columns") {
  std::ostringstream out;
  print_help(out);
  const std::string text = out.str();
  for (const option& row : all_rows()) {
    CAPTURE(std::string(row.name));
    const std::string flag = "\n  --" + std::string(row.name);
    const std::size_t at = text.find(flag);
    REQUIRE(at != std::string::npos);
    const char next = text[at + flag.size()];
    const bool whole = next == ' ' || next == '\n';
    CHECK(whole);
  }
  CHECK(text.find("\n  --config FILE") != std::string::npos);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 100);
    CHECK_FALSE(line.ends_with(' '));
  }
}

namespace {

constexpr const char* example_path = SMSAUTH_SOURCE_DIR "/conf/smsauthd.conf.example";

struct documented {
  std::string value;
  std::string comment;  ///< the lines above, joined
};

/// The settings of the example by flag name: "#name = value" and the comment block above.
std::map<std::string, documented> example_settings() {
  std::ifstream file(example_path);
  std::map<std::string, documented> out;
  std::string section;
  std::string comment;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("# ")) {
      comment += line.substr(1);
    } else if (line.starts_with("[dialect.")) {
      section = line.substr(9, line.size() - 10) + "-";
    } else if (line.starts_with("#[")) {
      break;  // the sample gateway, which ends the file
    } else if (line.starts_with('#') && line.size() > 1) {
      const std::size_t equals = line.find(" =");
      std::string value = line.substr(equals + 2);
      if (!value.empty()) value.erase(0, 1);
      const bool fresh = out.emplace(section + line.substr(1, equals - 1), documented{value, comment}).second;
      CHECK(fresh);
    } else {
      comment.clear();
    }
  }
  return out;
}

}  // namespace

TEST_CASE("the example file parses as it is") {
  CHECK(line_of(complete_line("standard", {"--config", example_path})) == "ok");
}

TEST_CASE("the example file parses with every line switched on") {
  std::ifstream file(example_path);
  std::string text;
  for (std::string line; std::getline(file, line);) {
    const bool setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    text += (setting ? line.substr(1) : line) + "\n";
  }
  const scratch_folder folder;
  const settings config = parsed({"--config", folder.file("all.conf", text)});
  for (const effective_value& value : config.effective) {
    CAPTURE(value.name);
    CHECK(value.source.starts_with("file:"));
  }
}

TEST_CASE("the example file lists every setting with the default and unit of the table") {
  const auto settings_in_file = example_settings();
  std::set<std::string> names;
  for (const option& row : all_rows()) {
    const std::string name(row.name);
    names.insert(name);
    CAPTURE(name);
    const auto found = settings_in_file.find(name);
    REQUIRE(found != settings_in_file.end());
    const std::string& comment = found->second.comment;
    CAPTURE(comment);
    const profile_defaults& defaults = row.defaults;
    const auto says = [&](const std::string& part) { return comment.find(part) != std::string::npos; };
    if (row.required) {
      CHECK(says("Required (default in dev: " + std::string(defaults.dev) + ")"));
    } else {
      CHECK(found->second.value == defaults.standard);
      CHECK(says("Default " + (defaults.standard.empty() ? "empty" : std::string(defaults.standard))));
      if (defaults.dev != defaults.standard) CHECK(says("(dev: " + std::string(defaults.dev) + ")"));
      if (defaults.strict != defaults.standard) CHECK(says("(strict: " + std::string(defaults.strict) + ")"));
    }
    if (row.kind == option_kind::integer) {
      CHECK(says(std::to_string(row.range.min) + " to " + std::to_string(row.range.max) + " " + std::string(row.form)));
      if (row.dev_range.min != row.range.min) CHECK(says("(dev: from " + std::to_string(row.dev_range.min) + ")"));
    }
    if (row.kind == option_kind::choice) {
      for (const std::string& choice : split_list(row.form, '|'))
        CHECK(says(choice));
    }
  }
  for (const auto& [name, ignored] : settings_in_file) {
    CAPTURE(name);
    CHECK(names.contains(name));
  }
}
