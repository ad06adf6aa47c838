// --name value pairs of the load programs' command lines. A mistake ends the program: these are run by scripts/bench.
#pragma once

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

namespace smsauth::load {

class arguments {
 public:
  arguments(int count, char** words) {
    for (int i = 1; i < count; i += 2) {
      const std::string_view name = words[i];
      if (!name.starts_with("--") || i + 1 == count) fail(name);
      given_[std::string(name.substr(2))] = words[i + 1];
    }
  }

  bool has(const std::string& name) const { return given_.contains(name); }
  std::string text(const std::string& name) const {
    const auto found = given_.find(name);
    if (found == given_.end()) fail("--" + name);
    return found->second;
  }
  double number(const std::string& name, double otherwise) const {
    const auto found = given_.find(name);
    if (found == given_.end()) return otherwise;
    char* end = nullptr;
    const double value = std::strtod(found->second.c_str(), &end);
    if (end == found->second.c_str() || *end != '\0' || value < 0) fail("--" + name);
    return value;
  }
  std::size_t whole(const std::string& name, std::size_t otherwise) const {
    return has(name) ? static_cast<std::size_t>(number(name, 0)) : otherwise;
  }

 private:
  [[noreturn]] static void fail(std::string_view name) {
    std::cerr << "load: missing or bad argument: " << name << '\n';
    std::exit(2);
  }
  std::map<std::string, std::string> given_;
};

}  // namespace smsauth::load
