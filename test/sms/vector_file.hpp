// The known-answer vectors of test/vectors, for tests that run every entry of a scheme.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::test {

/// The entries of FILE.json with that scheme, and of that vendor if one is named. Throws when there are none: a test
/// that loops over nothing would always hold.
inline std::vector<boost::json::object> vectors_of(const std::string& file, std::string_view scheme,
                                                   std::string_view vendor = {}) {
  std::ifstream in(SMSAUTH_SOURCE_DIR "/test/vectors/" + file + ".json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const boost::json::value all = boost::json::parse(text);
  std::vector<boost::json::object> chosen;
  for (const auto& entry : all.at("vectors").as_array()) {
    const auto& object = entry.as_object();
    if (object.at("scheme").as_string() != scheme) continue;
    if (!vendor.empty() && object.at("inputs").at("vendor").as_string() != vendor) continue;
    chosen.push_back(object);
  }
  if (chosen.empty()) throw std::runtime_error("no vectors of scheme " + std::string(scheme));
  return chosen;
}

inline std::string text_of(const boost::json::value& value) {
  return std::string(value.as_string());
}

}  // namespace smsauth::test
