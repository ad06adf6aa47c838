// Facts about libphonenumber itself (Debian 12: 8.12.57) that parse_phone's rules were made for. When one changes with
// a new release, the rules have to be read again.
#include <doctest/doctest.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

struct fact {
  std::string_view default_region;
  std::string_view text;
  PhoneNumberUtil::ErrorType parsed = PhoneNumberUtil::NO_PARSING_ERROR;
  std::string_view e164 = {};
  PhoneNumberUtil::ValidationResult possible = PhoneNumberUtil::IS_POSSIBLE;
  bool valid = false;
  PhoneNumberUtil::PhoneNumberType type = PhoneNumberUtil::UNKNOWN;
  std::string_view region = "CN";
  std::string_view extension = {};
};

constexpr auto parsed = PhoneNumberUtil::NO_PARSING_ERROR;
constexpr auto possible = PhoneNumberUtil::IS_POSSIBLE;
constexpr auto mobile = PhoneNumberUtil::MOBILE;
constexpr auto unknown = PhoneNumberUtil::UNKNOWN;

constexpr fact facts[] = {
    {"CN", "13800138000", parsed, "+8613800138000", possible, true, mobile},
    {"CN", "+8613800138000", parsed, "+8613800138000", possible, true, mobile},
    {"CN", "8613800138000", parsed, "+8613800138000", possible, true, mobile},
    {"CN", "008613800138000", parsed, "+8613800138000", possible, true, mobile},
    {"CN", "+86 138-0013-8000", parsed, "+8613800138000", possible, true, mobile},
    {"CN", "+86\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10", parsed, "+8613800138000", possible,
     true, mobile},
    {"CN", "1380013800", parsed, "+861380013800", possible, false, unknown},
    {"CN", "138001380000", parsed, "+86138001380000", possible, false, unknown},
    {"CN", "12345678901", parsed, "+8612345678901", possible, false, unknown},
    {"CN", "14155550100", parsed, "+8614155550100", possible, false, unknown},
    {"CN", "+14155552671", parsed, "+14155552671", possible, true, PhoneNumberUtil::FIXED_LINE_OR_MOBILE, "US"},
    {"CN", "+85251234567", parsed, "+85251234567", possible, true, mobile, "HK"},
    {"CN", "+886912345678", parsed, "+886912345678", possible, true, mobile, "TW"},
    {"CN", "16212345678", parsed, "+8616212345678", possible, true, mobile},
    {"CN", "19212345678", parsed, "+8619212345678", possible, true, mobile},
    {"CN", "14912345678", parsed, "+8614912345678", possible, false, unknown},
    {"CN", "16101234567", parsed, "+8616101234567", possible, false, unknown},
    {"CN", "17401234567", parsed, "+8617401234567", possible, true, mobile},
    {"CN", "17491234567", parsed, "+8617491234567", possible, false, unknown},
    {"CN", "10086", parsed, "+8610086", PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY, false, unknown},
    {"CN", "abc", PhoneNumberUtil::NOT_A_NUMBER},
    {"ZZ", "13800138000", PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR},
    {"ZZ", "+8613800138000", parsed, "+8613800138000", possible, true, mobile},
    {"CN", "+86 1380013800A", parsed, "+861380013800", possible, false, unknown},
    {"CN", "13800138000x12", parsed, "+8613800138000", possible, true, mobile, "CN", "12"},
};

}  // namespace

TEST_CASE("libphonenumber reads numbers as recorded") {
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  for (const fact& f : facts) {
    CAPTURE(f.text);
    PhoneNumber number;
    REQUIRE(library.Parse(std::string(f.text), std::string(f.default_region), &number) == f.parsed);
    if (f.parsed != parsed) continue;
    std::string e164;
    library.Format(number, PhoneNumberUtil::E164, &e164);
    CHECK(e164 == f.e164);
    CHECK(library.IsPossibleNumberWithReason(number) == f.possible);
    CHECK(library.IsValidNumber(number) == f.valid);
    CHECK(library.GetNumberType(number) == f.type);
    std::string region;
    library.GetRegionCodeForNumber(number, &region);
    CHECK(region == f.region);
    CHECK(number.extension() == f.extension);
  }
}

TEST_CASE("libphonenumber knows the mainland prefixes as recorded") {
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  constexpr int refused[] = {140, 141, 142, 143, 144, 146, 148, 149, 154, 160, 161, 163, 164, 168, 169, 179, 194};
  for (int prefix = 130; prefix <= 199; ++prefix) {
    int valid = 0;
    for (int next = 0; next <= 9; ++next) {
      PhoneNumber number;
      REQUIRE(library.Parse(std::to_string(prefix) + std::to_string(next) + "1234567", "CN", &number) == parsed);
      if (library.IsValidNumber(number)) ++valid;
    }
    CAPTURE(prefix);
    const bool is_refused = std::find(std::begin(refused), std::end(refused), prefix) != std::end(refused);
    CHECK(valid == (is_refused ? 0 : prefix == 174 ? 1 : 10));
  }
  for (int next = 0; next <= 9; ++next) {
    PhoneNumber number;
    REQUIRE(library.Parse("1740" + std::to_string(next) + "123456", "CN", &number) == parsed);
    CAPTURE(next);
    CHECK(library.IsValidNumber(number) == (next <= 5));
  }
}
