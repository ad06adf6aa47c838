#include "sms/section.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>

namespace smsauth::sms {

namespace {

constexpr std::size_t max_secret_bytes = 4096;

std::string first_line_of(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line) || line.empty() || line.size() > max_secret_bytes)
    throw section_error(key, "expected the path of a readable file whose first line is the secret");
  if (line.back() == '\r') line.pop_back();
  return line;
}

std::string environment_value(const std::string& name, const std::string& key) {
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): at start, one thread
  if (value == nullptr || *value == '\0')
    throw section_error(key, "expected the name of an environment variable that holds the secret");
  return value;
}

}  // namespace

const std::string* section::find(std::string_view key) {
  known_.emplace(key);
  const auto found = keys_.find(std::string(key));
  return found == keys_.end() ? nullptr : &found->second;
}

std::string section::text(std::string_view key, std::string_view fallback) {
  const std::string* const given = find(key);
  return given == nullptr ? std::string(fallback) : *given;
}

std::string section::required_text(std::string_view key) {
  const std::string* const given = find(key);
  if (given == nullptr || given->empty()) throw section_error(std::string(key), "expected a value; it has no default");
  return *given;
}

std::int64_t section::integer(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  const std::string* const given = find(key);
  if (given == nullptr) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (error != std::errc() || end != given->data() + given->size() || value < min || value > max)
    throw section_error(std::string(key),
                        "expected a number from " + std::to_string(min) + " to " + std::to_string(max));
  return value;
}

bool section::flag(std::string_view key, bool fallback) {
  const std::string* const given = find(key);
  if (given == nullptr) return fallback;
  if (*given != "on" && *given != "off") throw section_error(std::string(key), "expected on or off");
  return *given == "on";
}

std::string section::choice(std::string_view key, std::string_view choices) {
  const std::string* const given = find(key);
  if (given == nullptr) return std::string(choices.substr(0, choices.find('|')));
  for (std::string_view rest = choices; !given->empty();) {
    const std::size_t bar = rest.find('|');
    if (rest.substr(0, bar) == *given) return *given;
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  throw section_error(std::string(key), "expected one of: " + std::string(choices));
}

std::string section::secret(std::string_view key) {
  const std::string name(key);
  const std::string* const plain = find(name);
  const std::string* const file = find(name + "-file");
  const std::string* const variable = find(name + "-env");
  if ((plain != nullptr) + (file != nullptr) + (variable != nullptr) > 1)
    throw section_error(name, "given in two ways; expected one of " + name + ", " + name + "-file, " + name + "-env");
  if (file != nullptr) return first_line_of(*file, name + "-file");
  if (variable != nullptr) return environment_value(*variable, name + "-env");
  return plain == nullptr ? std::string() : *plain;
}

std::string section::required_secret(std::string_view key) {
  std::string value = secret(key);
  if (value.empty()) {
    const std::string name(key);
    throw section_error(name, "expected " + name + ", " + name + "-file (a path) or " + name + "-env (a variable)");
  }
  return value;
}

std::string section::per_purpose(std::string_view key, core::purpose why, std::string_view language) {
  const std::string base(key);
  const std::string purpose(core::to_string(why));
  const std::string tongue(language);
  const std::array<std::string, 4> names{base, base + '.' + tongue, base + '.' + purpose,
                                         base + '.' + purpose + '.' + tongue};
  std::string chosen;
  // Least exact first: each that is given replaces the one before, and all become known.
  for (const std::string& name : names) {
    if (const std::string* const given = find(name)) chosen = *given;
  }
  return chosen;
}

void section::done() const {
  for (const auto& [key, value] : keys_) {
    if (!known_.contains(key)) throw section_error(key, "unknown setting of this gateway");
  }
}

}  // namespace smsauth::sms
