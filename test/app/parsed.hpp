// Command lines for the tests of app/options.
#pragma once

#include "app/options.hpp"

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <string>
#include <vector>

namespace smsauth::app::testing {

using words = std::vector<std::string>;

inline settings parsed(const words& arguments, const environment& env = {}) {
  std::vector<const char*> argv{"smsauthd"};
  for (const std::string& argument : arguments)
    argv.push_back(argument.c_str());
  return parse_options(static_cast<int>(argv.size()), argv.data(), env);
}

/// The line for the operator, or "ok".
inline std::string line_of(const words& arguments, const environment& env = {}) {
  try {
    parsed(arguments, env);
  } catch (const configuration_error& error) {
    return error.what();
  }
  return "ok";
}

/// What standard and strict want, and then `more`.
inline words complete_line(const std::string& profile, const words& more = {}) {
  words out{"--profile", profile, "--db", "sqlite:x.db", "--sms", "spool:x.jsonl", "--secret-file", "x.key"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

/// A folder that goes away with the test.
class scratch_folder {
 public:
  scratch_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "smsauthd-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file and gives its path.
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace smsauth::app::testing
