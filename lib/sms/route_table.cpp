#include "sms/route_table.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace smsauth::sms {

namespace {

constexpr std::uint32_t max_weight = 1'000;
constexpr std::size_t max_prefix_digits = 15;
constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool is_prefix(std::string_view text) {
  return text.size() >= 2 && text.size() <= max_prefix_digits + 1 && text.front() == '+' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_region(std::string_view text) {
  const auto& known = core::known_countries();
  return std::any_of(known.begin(), known.end(), [&](const core::country_entry& each) { return each.region == text; });
}

void add_condition(route_rule& rule, std::string_view text) {
  const auto equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  if (equals == std::string_view::npos || equals + 1 == text.size())
    throw std::invalid_argument("expected country=, prefix= or purpose= before ->");
  for (const std::string_view value : split(text.substr(equals + 1), '/')) {
    if (name == "country") {
      if (!is_region(value)) throw std::invalid_argument("expected a region such as CN behind country=");
      rule.countries.emplace_back(value);
    } else if (name == "prefix") {
      if (!is_prefix(value)) throw std::invalid_argument("expected + and digits behind prefix=");
      rule.prefixes.emplace_back(value);
    } else if (name == "purpose") {
      const auto why = core::parse_purpose(value);
      if (!why) throw std::invalid_argument("expected a purpose such as login behind purpose=");
      rule.purposes.push_back(*why);
    } else {
      throw std::invalid_argument("expected country=, prefix= or purpose= before ->");
    }
  }
}

route_rule::member parse_member(std::string_view text, std::span<const std::string> gateways) {
  const auto colon = text.find(':');
  const std::string_view name = trimmed(text.substr(0, colon));
  const auto found = std::find(gateways.begin(), gateways.end(), name);
  if (found == gateways.end()) throw std::invalid_argument("expected names of [sms.NAME] sections behind ->");
  route_rule::member made;
  made.gateway = static_cast<std::size_t>(found - gateways.begin());
  if (colon == std::string_view::npos) return made;
  const std::string_view digits = trimmed(text.substr(colon + 1));
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), made.weight);
  if (error != std::errc() || end != digits.data() + digits.size() || made.weight < 1 || made.weight > max_weight)
    throw std::invalid_argument("expected a weight from 1 to 1000 behind the colon");
  return made;
}

bool fits(const route_rule& rule, const core::phone_number& to, core::purpose why) {
  const auto one_of = [](const auto& all, const auto& value) {
    return all.empty() || std::find(all.begin(), all.end(), value) != all.end();
  };
  return one_of(rule.countries, to.region()) && one_of(rule.purposes, why) &&
         (rule.prefixes.empty() || std::any_of(rule.prefixes.begin(), rule.prefixes.end(),
                                               [&](const std::string& p) { return to.e164().starts_with(p); }));
}

// Each place is drawn by weight among those that have none yet.
void append_by_weight(std::vector<std::size_t>& order, std::vector<route_rule::member> left,
                      const std::function<std::uint32_t()>& draw) {
  while (!left.empty()) {
    std::uint32_t sum = 0;
    for (const auto& each : left)
      sum += each.weight;
    std::uint32_t drawn = left.size() == 1 ? 0 : draw() % sum;
    auto chosen = left.begin();
    while (drawn >= chosen->weight) {
      drawn -= chosen->weight;
      ++chosen;
    }
    if (std::find(order.begin(), order.end(), chosen->gateway) == order.end()) order.push_back(chosen->gateway);
    left.erase(chosen);
  }
}

}  // namespace

route_rule parse_route_rule(std::string_view rule, std::span<const std::string> gateways) {
  constexpr std::string_view arrow = "->";
  const auto at = rule.find(arrow);
  if (at == std::string_view::npos) throw std::invalid_argument("expected CONDITIONS -> GATEWAYS, or * -> GATEWAYS");
  route_rule made;
  const std::string_view conditions = trimmed(rule.substr(0, at));
  if (conditions.empty()) throw std::invalid_argument("expected conditions, or *, before ->");
  if (conditions != "*") {
    for (const std::string_view each : split(conditions, ' ')) {
      if (!each.empty()) add_condition(made, each);
    }
  }
  for (const std::string_view rank : split(rule.substr(at + arrow.size()), ',')) {
    std::vector<route_rule::member> members;
    for (const std::string_view each : split(rank, '|'))
      members.push_back(parse_member(each, gateways));
    made.ranks.push_back(std::move(members));
  }
  return made;
}

void route_table::add(std::string_view rule, std::span<const std::string> gateways) {
  rules_.push_back(parse_route_rule(rule, gateways));
}

std::vector<std::size_t> route_table::plan(const core::phone_number& to, core::purpose why,
                                           const std::function<std::uint32_t()>& draw) const {
  for (const route_rule& rule : rules_) {
    if (!fits(rule, to, why)) continue;
    std::vector<std::size_t> order;
    for (const auto& rank : rule.ranks)
      append_by_weight(order, rank, draw);
    return order;
  }
  return {fallback_};
}

}  // namespace smsauth::sms
