// Which gateways a message may take, and in which order: by country, number prefix and purpose, with weights.
//
// A rule is one line: CONDITIONS -> RANKS. Conditions are country=REGION, prefix=+DIGITS and purpose=NAME, each with
// "/" between alternatives, all of which must hold; "*" stands for none. Ranks are asked in turn, separated by ",";
// within a rank the members, separated by "|", share the messages by weight, and stand in for each other. For example
//   country=CN purpose=login/register -> aliyun:3 | tencent:1, smpp
#pragma once

#include "core/phone_number.hpp"
#include "core/purpose.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsauth::sms {

struct route_rule {
  struct member {
    std::size_t gateway = 0;
    std::uint32_t weight = 1;  ///< 1 to 1000
    friend bool operator==(const member&, const member&) = default;
  };
  std::vector<std::string> countries;  ///< CLDR regions; empty = all
  std::vector<std::string> prefixes;   ///< of the E.164 number; empty = all
  std::vector<core::purpose> purposes;
  std::vector<std::vector<member>> ranks;
};

class route_table {
 public:
  /// The only rule: everything goes to one gateway.
  explicit route_table(std::size_t fallback) : fallback_(fallback) {}

  /// Adds a rule behind those there are. `gateways` are the names, by position. Throws std::invalid_argument with one
  /// line that says what was expected.
  void add(std::string_view rule, std::span<const std::string> gateways);

  /// The first rule that fits, as positions, first choice first, each gateway once; else the fallback. `draw` gives
  /// random numbers, one for each choice by weight.
  std::vector<std::size_t> plan(const core::phone_number& to, core::purpose why,
                                const std::function<std::uint32_t()>& draw) const;

 private:
  std::size_t fallback_;
  std::vector<route_rule> rules_;
};

/// The rule's text. Throws std::invalid_argument.
route_rule parse_route_rule(std::string_view rule, std::span<const std::string> gateways);

}  // namespace smsauth::sms
