// A phone number in its one canonical form, E.164 (ITU-T). Limits, codes and accounts are keyed by it and by nothing
// else.
#pragma once

#include "core/error.hpp"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::core {

/// Only parse_phone makes one, so a value is always "+", then 7 to 15 digits.
class phone_number {
 public:
  const std::string& e164() const noexcept { return e164_; }
  /// CLDR region of the number, for example "CN"; chosen by libphonenumber (HK, MO and TW are regions of their own).
  std::string_view region() const noexcept { return {region_, 2}; }
  int country_code() const noexcept { return country_code_; }
  /// The digits after the country code: "13800138000" of "+8613800138000".
  std::string_view national() const noexcept;
  /// For logs: first 3 and last 4 national digits, "+86138****8000" (LOG-01). At most 7 digits are ever shown, and
  /// fewer of a short number.
  std::string masked() const;

  friend bool operator==(const phone_number&, const phone_number&) = default;
  friend auto operator<=>(const phone_number& a, const phone_number& b) { return a.e164_ <=> b.e164_; }

 private:
  friend class phone_parser;
  phone_number(std::string e164, int country_code, std::string_view region);
  std::string e164_;
  int country_code_;
  char region_[3];
};

/// Which numbers are taken.
struct phone_policy {
  std::vector<std::string> countries;  ///< allowed CLDR regions; empty = all
  bool strict_mainland = false;  ///< also ask libphonenumber about mainland ranges; default is 1[3-9] and 9 digits
};

/// Text as a client sent it → number.
///
/// Taken: at most 32 bytes of ASCII digits with an optional leading "+", and blanks or hyphens between them. "00" is an
/// international prefix. Without a country code in `text`, `default_country_code` (for example 86 or 63) is that of the
/// caller. Mainland China is decided by rule (1[3-9] and nine digits, with optional 86, +86 or 0086 in front), every
/// other country by libphonenumber: valid, and mobile or fixed-line-or-mobile.
///
/// Errors: invalid_phone, country_not_allowed.
result<phone_number> parse_phone(std::string_view text, int default_country_code, const phone_policy& policy);

/// The same for a number of which the caller gives the country code apart ("+63" and "0917…"). A country code in both
/// must agree, else invalid_phone. `country_code` is "+63", "63" or "0063"; empty = none given.
result<phone_number> parse_phone(std::string_view text, std::string_view country_code, int default_country_code,
                                 const phone_policy& policy);

/// A number that we stored ourselves. Precondition: it came from phone_number::e164(). Error: invalid_phone.
result<phone_number> stored_phone(std::string_view e164);

/// A country whose numbers can be mobile numbers.
struct country_entry {
  std::string region;    ///< CLDR, for example "CN"
  int calling_code = 0;  ///< 86; several regions can share one ("US" and "CA")

  friend bool operator==(const country_entry&, const country_entry&) = default;
};

/// Every country that phone_number::region() can be, sorted by region. The first call takes about 0.1 s;
/// warm_up_phone_numbers makes it.
const std::vector<country_entry>& known_countries();

/// Loads libphonenumber's metadata, which takes some 30 ms: call it once at start, not in the first request.
void warm_up_phone_numbers();

}  // namespace smsauth::core
