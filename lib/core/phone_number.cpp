#include "core/phone_number.hpp"

#include "core/account.hpp"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

namespace smsauth::core {

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t max_text_bytes =
    32;  // 15 digits of E.164, a prefix and a separator in front of every other digit
constexpr int mainland_code = 86;
constexpr std::string_view mainland_prefix = "86";
constexpr std::string_view mainland_region = "CN";
constexpr std::size_t mainland_digits = 11;
constexpr std::string_view international_prefix = "00";
constexpr std::size_t min_e164_digits = 7;   // the shortest mobile numbers with their country code have 7 digits
constexpr std::size_t max_e164_digits = 15;  // ITU-T E.164, section 6
constexpr std::size_t max_calling_code_digits = 3;

const PhoneNumberUtil& library() {
  return *PhoneNumberUtil::GetInstance();
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// The digits of what a client sent, without its separators.
class dialled {
 public:
  /// Nothing when `text` breaks the rule of parse_phone: one character outside it, and no reading is safe, because
  /// libphonenumber would read full-width digits, letters and extensions each in its own way.
  static std::optional<dialled> of(std::string_view text) noexcept {
    if (text.empty() || text.size() > max_text_bytes) return std::nullopt;
    dialled number;
    number.has_plus_ = text.front() == '+';
    if (number.has_plus_) text.remove_prefix(1);
    if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return std::nullopt;
    for (const char c : text) {
      if (is_digit(c)) {
        number.digits_[number.size_++] = c;
      } else if (c != ' ' && c != '-') {
        return std::nullopt;
      }
    }
    if (!number.has_plus_ && number.all().starts_with(international_prefix)) {
      number.has_plus_ = true;
      number.begin_ = international_prefix.size();
    }
    return number;
  }

  /// With the country code in front.
  bool international() const noexcept { return has_plus_; }
  std::string_view digits() const noexcept { return all().substr(begin_); }

 private:
  std::string_view all() const noexcept { return {digits_.data(), size_}; }

  std::array<char, max_text_bytes> digits_{};
  std::size_t size_ = 0;
  std::size_t begin_ = 0;
  bool has_plus_ = false;
};

constexpr bool is_mainland_mobile(std::string_view national) noexcept {
  return national.size() == mainland_digits && national[0] == '1' && national[1] >= '3';
}

/// libphonenumber's "may receive a short message". In some countries (the US) the ranges do not tell mobile from fixed.
bool takes_messages(const PhoneNumber& number) {
  if (!library().IsValidNumber(number)) return false;
  const PhoneNumberUtil::PhoneNumberType type = library().GetNumberType(number);
  return type == PhoneNumberUtil::MOBILE || type == PhoneNumberUtil::FIXED_LINE_OR_MOBILE;
}

/// "+63", "63" or "0063" → 63; nothing when it is no calling code.
std::optional<int> parse_calling_code(std::string_view text) noexcept {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  } else if (text.starts_with(international_prefix)) {
    text.remove_prefix(international_prefix.size());
  }
  if (text.empty() || text.size() > max_calling_code_digits || text.front() == '0') return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  int code = 0;
  std::from_chars(text.data(), text.data() + text.size(), code);
  return code;
}

bool allowed(const phone_policy& policy, std::string_view region) {
  return policy.countries.empty() ||
         std::find(policy.countries.begin(), policy.countries.end(), region) != policy.countries.end();
}

}  // namespace

/// The only maker of numbers.
class phone_parser {
 public:
  explicit phone_parser(const phone_policy& policy) : policy_(policy) {}

  /// `country_code` is that of a number without one.
  result<phone_number> parse(const dialled& number, int country_code) const {
    std::string_view digits = number.digits();
    if (number.international()) {
      if (!digits.starts_with(mainland_prefix)) return foreign_international(digits);
      return mainland(digits.substr(mainland_prefix.size()));
    }
    if (country_code != mainland_code) return foreign_national(digits, country_code);
    // "86 138…": the country code without its plus sign. No mainland mobile number begins with 8, so this is no guess.
    if (digits.starts_with(mainland_prefix)) digits.remove_prefix(mainland_prefix.size());
    return mainland(digits);
  }

  static result<phone_number> stored(std::string_view e164) {
    if (!e164.starts_with('+')) return errc::invalid_phone;
    const std::string_view digits = e164.substr(1);
    if (digits.size() < min_e164_digits || digits.size() > max_e164_digits) return errc::invalid_phone;
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) return errc::invalid_phone;
    if (digits.starts_with(mainland_prefix)) {
      if (!is_mainland_mobile(digits.substr(mainland_prefix.size()))) return errc::invalid_phone;
      return phone_number(std::string(e164), mainland_code, mainland_region);
    }
    PhoneNumber number;
    std::string text(e164);
    if (library().Parse(text, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR) return errc::invalid_phone;
    // Ranges are retired with every release of the metadata: an account must not be lost with its range, so validity is
    // not asked again.
    std::string region;
    library().GetRegionCodeForNumber(number, &region);
    if (!is_country(region)) library().GetRegionCodeForCountryCode(number.country_code(), &region);
    if (!is_country(region)) return errc::invalid_phone;
    return phone_number(std::move(text), number.country_code(), region);
  }

 private:
  /// Not "001", the satellite and premium networks that belong to no country, nor "ZZ", nowhere.
  static bool is_country(std::string_view region) noexcept { return region.size() == 2 && region != "ZZ"; }

  /// By rule and without libphonenumber: it takes some 90 us, and its table refuses ranges that do get messages (149).
  result<phone_number> mainland(std::string_view national) const {
    if (!is_mainland_mobile(national)) return errc::invalid_phone;
    if (policy_.strict_mainland && !in_mainland_table(national)) return errc::invalid_phone;
    if (!allowed(policy_, mainland_region)) return errc::country_not_allowed;
    std::string e164;
    e164.reserve(1 + mainland_prefix.size() + national.size());
    e164 += '+';
    e164 += mainland_prefix;
    e164 += national;
    return phone_number(std::move(e164), mainland_code, mainland_region);
  }

  static bool in_mainland_table(std::string_view national) {
    std::uint64_t value = 0;
    std::from_chars(national.data(), national.data() + national.size(), value);
    PhoneNumber number;
    number.set_country_code(mainland_code);
    number.set_national_number(value);
    return takes_messages(number);
  }

  result<phone_number> foreign_international(std::string_view digits) const {
    std::string text("+");
    text += digits;
    PhoneNumber number;
    if (library().Parse(text, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR) return errc::invalid_phone;
    return foreign(number);
  }

  result<phone_number> foreign_national(std::string_view digits, int country_code) const {
    std::string region;
    library().GetRegionCodeForCountryCode(country_code, &region);  // the main region of several: "US" for 1
    if (!is_country(region)) return errc::invalid_phone;
    PhoneNumber number;
    if (library().Parse(std::string(digits), region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) {
      return errc::invalid_phone;
    }
    // libphonenumber also takes the region's own international prefix ("011" in the US). Only "+" and "00" are ours.
    if (number.country_code() != country_code) return errc::invalid_phone;
    return foreign(number);
  }

  result<phone_number> foreign(const PhoneNumber& number) const {
    if (number.country_code() == mainland_code || !takes_messages(number)) return errc::invalid_phone;
    std::string region;
    library().GetRegionCodeForNumber(number, &region);
    if (!is_country(region)) return errc::invalid_phone;
    if (!allowed(policy_, region)) return errc::country_not_allowed;
    std::string e164;
    library().Format(number, PhoneNumberUtil::E164, &e164);
    if (e164.size() < 1 + min_e164_digits || e164.size() > 1 + max_e164_digits) return errc::invalid_phone;
    return phone_number(std::move(e164), number.country_code(), region);
  }

  const phone_policy& policy_;
};

phone_number::phone_number(std::string e164, int country_code, std::string_view region)
    : e164_(std::move(e164)), country_code_(country_code), region_{region[0], region[1], '\0'} {}

std::string_view phone_number::national() const noexcept {
  const std::size_t code_digits = country_code_ < 10 ? 1 : country_code_ < 100 ? 2 : 3;
  return std::string_view(e164_).substr(1 + code_digits);
}

std::string phone_number::masked() const {
  const std::string_view digits = national();
  std::string text = e164_.substr(0, e164_.size() - digits.size());
  text += masked_national(digits);
  return text;
}

result<phone_number> parse_phone(std::string_view text, int default_country_code, const phone_policy& policy) {
  const std::optional<dialled> number = dialled::of(text);
  if (!number) return errc::invalid_phone;
  return phone_parser(policy).parse(*number, default_country_code);
}

result<phone_number> parse_phone(std::string_view text, std::string_view country_code, int default_country_code,
                                 const phone_policy& policy) {
  if (country_code.empty()) return parse_phone(text, default_country_code, policy);
  const std::optional<int> given = parse_calling_code(country_code);
  if (!given) return errc::invalid_phone;
  const std::optional<dialled> number = dialled::of(text);
  if (!number) return errc::invalid_phone;
  result<phone_number> parsed = phone_parser(policy).parse(*number, *given);
  if (parsed && parsed->country_code() != *given) return errc::invalid_phone;
  return parsed;
}

result<phone_number> stored_phone(std::string_view e164) {
  return phone_parser::stored(e164);
}

const std::vector<country_entry>& known_countries() {
  static const std::vector<country_entry> countries = [] {
    std::set<std::string> regions;  // sorted
    library().GetSupportedRegions(&regions);
    std::vector<country_entry> found;
    for (const std::string& region : regions) {
      PhoneNumber example;
      if (!library().GetExampleNumberForType(region, PhoneNumberUtil::MOBILE, &example)) continue;
      // Some regions lie wholly in the ranges of another (Vatican City in Italy's): no number is ever told to be
      // theirs.
      std::string told;
      library().GetRegionCodeForNumber(example, &told);
      if (told != region) continue;
      found.push_back({region, library().GetCountryCodeForRegion(region)});
    }
    return found;
  }();
  return countries;
}

void warm_up_phone_numbers() {
  // One foreign and one mainland number by way of the table: the expressions of both are compiled then. Constants, so
  // the answers are known.
  static_cast<void>(parse_phone("+639171234567", mainland_code, phone_policy{}));
  static_cast<void>(parse_phone("+8613800138000", mainland_code, phone_policy{{}, true}));
  static_cast<void>(known_countries());
}

}  // namespace smsauth::core
