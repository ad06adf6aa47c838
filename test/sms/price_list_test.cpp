#include "sms/price_list.hpp"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>
#include <string>

using namespace smsauth;
using sms::price;
using lines = std::map<std::string, std::string>;

TEST_CASE("a price is an amount with up to six decimals and a currency") {
  CHECK(sms::parse_price("0.045 CNY") == price{45'000, "CNY"});
  CHECK(sms::parse_price("1 USD") == price{1'000'000, "USD"});
  CHECK(sms::parse_price("0.000001 USD") == price{1, "USD"});
  for (const auto* wrong : {"", "1", "CNY", "1CNY", "1 cny", "1 CN", "1. CNY", ".5 CNY", "-1 CNY", "1,5 CNY",
                            "0.0000001 CNY", "1234567 CNY", "1 CNY "})
    CHECK_THROWS_AS(sms::parse_price(wrong), std::invalid_argument);
}

TEST_CASE("a number's price is its region's, else the default's, else none") {
  const sms::price_list all(lines{{"CN", "0.045 CNY"}, {"default", "0.5 CNY"}});
  CHECK(all.of(core::stored_phone("+8613800138000").value()) == price{45'000, "CNY"});
  CHECK(all.of(core::stored_phone("+6591234567").value()) == price{500'000, "CNY"});
  const sms::price_list few(lines{{"SG", "0.03 USD"}});
  CHECK_FALSE(few.of(core::stored_phone("+8613800138000").value()));
  CHECK(sms::price_list().empty());
}

TEST_CASE("unknown regions and mixed currencies are refused with their key") {
  CHECK_THROWS_WITH(sms::price_list(lines{{"XX", "1 CNY"}}), doctest::Contains("XX"));
  CHECK_THROWS_WITH(sms::price_list(lines{{"CN", "free"}}), doctest::Contains("CN"));
  CHECK_THROWS_WITH(sms::price_list(lines{{"CN", "1 CNY"}, {"SG", "1 USD"}}), doctest::Contains("SG"));
}
