// libFuzzer target for phone numbers. The first byte picks the default country; with a newline in the rest, what stands
// before it is the country code given apart.
#include "core/phone_number.hpp"
#include "require.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace {

using namespace smsauth;
using test::require;

constexpr std::array default_codes{86, 63, 66, 84, 60, 65, 62, 855, 1, 852, 44, 999, 0};

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

/// Only digits, one leading plus, blanks and hyphens may lead to a number.
void check_spelling(std::string_view text) {
  require(!text.empty() && text.size() <= 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    require((c >= '0' && c <= '9') || c == ' ' || c == '-' || (c == '+' && i == 0));
  }
}

void check_number(const core::phone_number& number) {
  const std::string& e164 = number.e164();
  require(e164.size() >= 8 && e164.size() <= 16 && e164.front() == '+' && is_digits(std::string_view(e164).substr(1)));
  require(e164 == "+" + std::to_string(number.country_code()) + std::string(number.national()));
  if (number.country_code() == 86) require(e164.size() == 14 && e164[3] == '1' && number.region() == "CN");

  const std::string masked = number.masked();
  require(masked.find("****") != std::string::npos);
  require(digits_of(masked).size() + 4 <= e164.size() - 1);  // at least 4 digits are hidden

  const auto stored = core::stored_phone(e164);
  require(stored && *stored == number && stored->region() == number.region());
  const core::phone_policy all_countries;
  for (const int code : {86, 63, 1}) {
    const auto again = core::parse_phone(e164, code, all_countries);
    require(again && *again == number);
  }
  const auto apart = core::parse_phone(e164, "+" + std::to_string(number.country_code()), 86, all_countries);
  require(apart && *apart == number);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const int default_code = default_codes[data[0] % default_codes.size()];
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t newline = input.find('\n');
  const bool apart = newline != std::string_view::npos;
  const std::string_view text = apart ? input.substr(newline + 1) : input;

  const core::phone_policy all_countries;
  const auto number = apart ? core::parse_phone(text, input.substr(0, newline), default_code, all_countries)
                            : core::parse_phone(text, default_code, all_countries);
  if (!number) {
    require(number.error() == core::errc::invalid_phone);
    return 0;
  }
  check_spelling(text);
  check_number(*number);

  core::phone_policy elsewhere;
  elsewhere.countries = {number->region() == "CN" ? "PH" : "CN"};
  const auto refused = core::parse_phone(number->e164(), default_code, elsewhere);
  require(!refused && refused.error() == core::errc::country_not_allowed);
  return 0;
}
