// What a part of a message costs, by country: for budgets and reports, never for routing.
#pragma once

#include "core/phone_number.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::sms {

struct price {
  std::int64_t micros = 0;  ///< millionths of the currency's unit, per part
  std::string currency;     ///< ISO 4217, "CNY"
  friend bool operator==(const price&, const price&) = default;
};

/// "0.045 CNY": up to six decimals, up to a million. Throws std::invalid_argument.
price parse_price(std::string_view text);

class price_list {
 public:
  price_list() = default;
  /// Keys are CLDR regions or "default"; one currency for all. Throws std::invalid_argument that names the key.
  explicit price_list(const std::map<std::string, std::string>& lines);

  /// Nothing when neither the number's region nor "default" has one.
  std::optional<price> of(const core::phone_number& to) const;
  bool empty() const noexcept { return prices_.empty(); }
  /// Of all prices; "" when there are none.
  std::string currency() const { return prices_.empty() ? std::string() : prices_.begin()->second.currency; }

 private:
  std::map<std::string, price, std::less<>> prices_;
};

}  // namespace smsauth::sms
