// One [sms.NAME] section of the config file as a gateway reads it: typed, ranged, every key known, secrets kept apart.
#pragma once

#include "core/purpose.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace smsauth::sms {

/// A key that is missing, unknown or out of range. what() is one line without any value of a secret.
class section_error : public std::runtime_error {
 public:
  section_error(std::string key, const std::string& expected) : std::runtime_error(expected), key_(std::move(key)) {}
  const std::string& key() const noexcept { return key_; }

 private:
  std::string key_;
};

/// Every getter notes its key as known; done() refuses the rest. All throw section_error.
class section {
 public:
  section(std::string name, std::map<std::string, std::string> keys) : name_(std::move(name)), keys_(std::move(keys)) {}

  const std::string& name() const noexcept { return name_; }

  std::string text(std::string_view key, std::string_view fallback);
  std::string required_text(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  bool flag(std::string_view key, bool fallback);  ///< on | off
  /// One of `choices` ("a|b|c"); the first is the default.
  std::string choice(std::string_view key, std::string_view choices);
  /// Three ways to give a secret, exactly one of them: KEY = value, KEY-file = PATH (first line of a file), KEY-env =
  /// NAME. Never on the command line.
  std::string required_secret(std::string_view key);
  std::string secret(std::string_view key);  ///< "" when none is given

  /// "template.login.zh", else "template.login", else "template.zh", else "template", else "": the most exact that is
  /// given. All such keys are known.
  std::string per_purpose(std::string_view key, core::purpose why, std::string_view language);

  /// Throws section_error for the first key that no getter asked for.
  void done() const;

 private:
  const std::string* find(std::string_view key);

  std::string name_;
  std::map<std::string, std::string> keys_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace smsauth::sms
