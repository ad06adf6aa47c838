#include "sms/price_list.hpp"

#include <algorithm>
#include <stdexcept>

namespace smsauth::sms {

namespace {

constexpr std::size_t max_whole_digits = 6;
constexpr std::size_t decimals = 6;
constexpr std::size_t currency_letters = 3;
constexpr std::string_view any = "default";

bool digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

price parse_price(std::string_view text) {
  const auto blank = text.find(' ');
  const std::string_view amount = text.substr(0, blank);
  const std::string_view currency = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
  const auto point = amount.find('.');
  const std::string_view whole = amount.substr(0, point);
  std::string part(point == std::string_view::npos ? std::string_view() : amount.substr(point + 1));
  const bool fine = !whole.empty() && whole.size() <= max_whole_digits && digits(whole) && part.size() <= decimals &&
                    digits(part) && (point == std::string_view::npos || !part.empty()) &&
                    currency.size() == currency_letters &&
                    std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!fine) throw std::invalid_argument("expected an amount and a currency, such as 0.045 CNY");
  part.resize(decimals, '0');
  price made;
  made.micros = std::stoll(std::string(whole) + part);
  made.currency = currency;
  return made;
}

price_list::price_list(const std::map<std::string, std::string>& lines) {
  const auto& known = core::known_countries();
  for (const auto& [name, text] : lines) {
    const std::string& key = name;  // clang 14 captures no structured binding
    const bool region =
        std::any_of(known.begin(), known.end(), [&](const core::country_entry& each) { return each.region == key; });
    if (!region && key != any) throw std::invalid_argument(key + ": expected a region such as CN, or default");
    try {
      prices_[key] = parse_price(text);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(key + ": " + error.what());
    }
    if (prices_[key].currency != prices_.begin()->second.currency)
      throw std::invalid_argument(key + ": expected one currency for all prices");
  }
}

std::optional<price> price_list::of(const core::phone_number& to) const {
  auto found = prices_.find(to.region());
  if (found == prices_.end()) found = prices_.find(any);
  if (found == prices_.end()) return std::nullopt;
  return found->second;
}

}  // namespace smsauth::sms
