#include "core/phone_number.hpp"

#include <doctest/doctest.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;
using smsauth::core::country_entry;
using smsauth::core::errc;
using smsauth::core::known_countries;
using smsauth::core::parse_phone;
using smsauth::core::phone_number;
using smsauth::core::phone_policy;
using smsauth::core::result;
using smsauth::core::stored_phone;
using std::string_view_literals::operator""sv;

constexpr int china = 86;
const phone_policy everywhere{};

/// The E.164 text, or the name of the failure.
std::string outcome(const result<phone_number>& parsed) {
  return parsed ? parsed->e164() : std::string(to_string(parsed.error().code));
}

std::string read(std::string_view text, int country = china) {
  return outcome(parse_phone(text, country, everywhere));
}

std::string read_with(std::string_view country_code, std::string_view text) {
  return outcome(parse_phone(text, country_code, china, everywhere));
}

}  // namespace

TEST_CASE("every spelling of one mainland number that is taken gives that number") {
  constexpr std::string_view spellings[] = {
      "13800138000",      "+8613800138000",     "8613800138000",       "008613800138000", "+86 138-0013-8000",
      "+86 13800138000",  "+86-13800138000",    "+86 138 0013 8000",   "86 13800138000",  "86-138-0013-8000",
      "0086 13800138000", "0086-138-0013-8000", "00 86 138 0013 8000", "138 0013 8000",   "138-0013-8000",
      "138-00138000",     "1 3 8 0 0 1 3 8000", "+8 613800138000",     "138  0013  8000", "138 - 0013 - 8000",
      "+86 - 13800138000"};
  for (const std::string_view text : spellings) {
    CAPTURE(text);
    CHECK(read(text) == "+8613800138000");
  }
}

TEST_CASE("every other spelling of that number is refused") {
  constexpr std::string_view spellings[] = {
      // signs and prefixes
      "(+86)13800138000", "(86)13800138000", "+(86)13800138000", "++8613800138000", "+0086 13800138000",
      "+86+13800138000", "8613800138000+", "13800138000-", "-13800138000", "--13800138000", "+-8613800138000",
      "+ 8613800138000", "00086 13800138000", "+086 13800138000", "086 13800138000", "86 86 13800138000",
      "+86 8613800138000", "%2B8613800138000", "%252B8613800138000", "tel:+8613800138000", "+", "00", "+86", "86",
      "0086",
      // a national 0, the old long-distance prefix in front of a mobile number, and carrier prefixes
      "013800138000", "+86 013800138000", "+86013800138000", "86013800138000", "0086013800138000", "17951 13800138000",
      "1795113800138000", "12593 13800138000",
      // blanks at the ends, and blanks that are none
      " 13800138000", "13800138000 ", "\t13800138000", "138\t0013\t8000", "13800138000\n", "13800138000\r\n",
      "\n13800138000", "138\n00138000", "13800138000\v", "138\u00a00013\u00a08000", "13800138000\u00a0",
      "138\u30000013\u30008000", "138\u20090013\u20098000", "138\u202f00138000",
      // invisible
      "138\u200b00138000", "138\u200d00138000", "\ufeff13800138000", "\u200f13800138000", "\u202e13800138000",
      "13800138000\u200e", "138\u00ad00138000", "138\u206000138000",
      // NUL
      "13800138000\0"sv,
      "\0"
      "13800138000"sv,
      "138\0"
      "00138000"sv,
      // punctuation
      "138.0013.8000", "138/0013/8000", "(138)00138000", "[13800138000]", "13800138000,13900139000",
      "13800138000;13900139000", "13800138000 13900139000", "13800138000,", "13800138000;", "'13800138000'",
      "\"13800138000\"", "138_0013_8000", "138*00138000", "13800138000#", "138\u201000138000", "138\u201300138000",
      "138\u221200138000", "138\u30fc00138000",
      // digits of other scripts
      "\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10", "\uff0b8613800138000",
      "+86\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10", "1380013800\u0660", "1380013800\u0966",
      "1380013800\u00b2", "1380013800\u2460", "1380013800\U0001d7ce",
      // letters, extensions, notations
      "13800138000a", "a13800138000", "+86 1380013800A", "1380013800O", "1380013800l", "13800138000x12",
      "13800138000;ext=5", "13800138000 ext 5", "1.3800138e10", "13800138e3", "0x336A5FDC0", "13800138000.0",
      // bytes that are no text
      "13800138000\xff",
      "\xc0\xb1"
      "3800138000",
      // too few, too many, too long
      "", " ", "1", "1380013800", "138001380000", "1380013800013800138000", "+86 138001380000",
      "1 3 8 0 0 1 3 8 0 0 0                "};
  CHECK(std::size(spellings) >= 60);
  for (const std::string_view text : spellings) {
    CAPTURE(text);
    CHECK(read(text) == "invalid_phone");
    CHECK(outcome(parse_phone(text, "+86", china, everywhere)) == "invalid_phone");
  }
}

TEST_CASE("a text of 32 bytes is read and one of 33 is not") {
  const std::string text = "1" + std::string(21, ' ') + "3800138000";
  REQUIRE(text.size() == 32);
  CHECK(read(text) == "+8613800138000");
  CHECK(read("1 " + text.substr(1)) == "invalid_phone");
}

TEST_CASE("mainland prefixes 130 to 199 are all numbers, 100 to 129 and the rest are none") {
  for (int prefix = 100; prefix < 1000; ++prefix) {
    const std::string text = std::to_string(prefix) + "12345678";
    CAPTURE(text);
    const bool mobile = prefix >= 130 && prefix <= 199;
    CHECK(read(text) == (mobile ? "+86" + text : "invalid_phone"));
    CHECK(read("+86" + text) == (mobile ? "+86" + text : "invalid_phone"));
  }
}

TEST_CASE("strict_mainland follows libphonenumber's table of prefixes") {
  constexpr int valid[] = {130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 145, 147, 150, 151, 152, 153, 155, 156,
                           157, 158, 159, 162, 165, 166, 167, 170, 171, 172, 173, 175, 176, 177, 178, 180, 181, 182,
                           183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193, 195, 196, 197, 198, 199};
  phone_policy strict;
  strict.strict_mainland = true;
  for (int prefix = 130; prefix <= 199; ++prefix) {
    if (prefix == 174) continue;  // 1740[0-5] only, next case
    const std::string text = std::to_string(prefix) + "12345678";
    CAPTURE(text);
    const bool mobile = std::find(std::begin(valid), std::end(valid), prefix) != std::end(valid);
    CHECK(outcome(parse_phone(text, china, strict)) == (mobile ? "+86" + text : "invalid_phone"));
  }
  CHECK(outcome(parse_phone("17401234567", china, strict)) == "+8617401234567");
  CHECK(outcome(parse_phone("17491234567", china, strict)) == "invalid_phone");
}

TEST_CASE("numbers of other countries are read in national and international form") {
  struct row {
    int country;
    std::string_view text;
    std::string_view expected;
    std::string_view region;
  };
  constexpr row rows[] = {
      {63, "09171234567", "+639171234567", "PH"},
      {63, "9171234567", "+639171234567", "PH"},
      {63, "639171234567", "+639171234567", "PH"},
      {63, "+639171234567", "+639171234567", "PH"},
      {63, "00639171234567", "+639171234567", "PH"},
      {63, "+6309171234567", "+639171234567", "PH"},
      {63, "0917-123-4567", "+639171234567", "PH"},
      {china, "+63 917 123 4567", "+639171234567", "PH"},
      {66, "0812345678", "+66812345678", "TH"},
      {66, "812345678", "+66812345678", "TH"},
      {china, "+66812345678", "+66812345678", "TH"},
      {84, "0912345678", "+84912345678", "VN"},
      {84, "84912345678", "+84912345678", "VN"},
      {china, "0084912345678", "+84912345678", "VN"},
      {60, "0123456789", "+60123456789", "MY"},
      {60, "60123456789", "+60123456789", "MY"},
      {65, "81234567", "+6581234567", "SG"},
      {65, "6581234567", "+6581234567", "SG"},
      {china, "+65 8123 4567", "+6581234567", "SG"},
      {62, "081234567890", "+6281234567890", "ID"},
      {62, "6281234567890", "+6281234567890", "ID"},
      {855, "012345678", "+85512345678", "KH"},
      {855, "85512345678", "+85512345678", "KH"},
      {852, "51234567", "+85251234567", "HK"},
      {853, "66123456", "+85366123456", "MO"},
      {886, "0912345678", "+886912345678", "TW"},
      {china, "+886912345678", "+886912345678", "TW"},
      {1, "4155552671", "+14155552671", "US"},
      {1, "14155552671", "+14155552671", "US"},
      {1, "416-555-0123", "+14165550123", "CA"},
      {china, "+1 416 555 0123", "+14165550123", "CA"},
      {7, "89123456789", "+79123456789", "RU"},
      {china, "+77012345678", "+77012345678", "KZ"},
      {63, "+8613800138000", "+8613800138000", "CN"},
      {63, "008613800138000", "+8613800138000", "CN"},
  };
  for (const row& r : rows) {
    CAPTURE(r.text);
    CAPTURE(r.country);
    const result<phone_number> parsed = parse_phone(r.text, r.country, everywhere);
    CHECK(outcome(parsed) == r.expected);
    if (parsed) CHECK(parsed->region() == r.region);
  }
}

TEST_CASE("numbers that take no messages are refused in every country") {
  struct row {
    int country;
    std::string_view text;
    std::string_view why;
  };
  constexpr row rows[] = {
      {china, "10086", "operator's service number"},
      {china, "4008123123", "toll number"},
      {china, "01012345678", "landline"},
      {china, "+861012345678", "landline, international"},
      {china, "12345678901", "no mobile range"},
      {china, "+85221234567", "Hong Kong landline"},
      {china, "+442079460958", "London landline"},
      {china, "+18005551234", "toll-free"},
      {china, "+19005551234", "premium rate"},
      {china, "+870301234567", "satellite"},
      {china, "+8835100123456", "international network"},
      {china, "+80012345678", "international toll-free"},
      {china, "+97912345678", "international premium rate"},
      {china, "+999123456789", "no such country"},
      {china, "+63917123456", "a digit short"},
      {china, "+63 63 9171234567", "country code twice"},
      {1, "01186 13800138000", "the US's own international prefix"},
      {63, "13800138000", "a mainland number without its country code"},
      {0, "13800138000", "no default country"},
      {999, "13800138000", "unknown default country"},
      {-1, "13800138000", "nonsense default country"},
  };
  for (const row& r : rows) {
    CAPTURE(r.why);
    CHECK(read(r.text, r.country) == "invalid_phone");
  }
}

TEST_CASE("a country code given apart must agree with the one in the number") {
  struct row {
    std::string_view country_code;
    std::string_view text;
    std::string_view expected;
  };
  constexpr row rows[] = {
      {"+63", "09171234567", "+639171234567"},       {"63", "9171234567", "+639171234567"},
      {"0063", "09171234567", "+639171234567"},      {"+63", "+639171234567", "+639171234567"},
      {"+63", "639171234567", "+639171234567"},      {"+63", "00639171234567", "+639171234567"},
      {"+86", "13800138000", "+8613800138000"},      {"+86", "8613800138000", "+8613800138000"},
      {"86", "+86 138-0013-8000", "+8613800138000"}, {"0086", "008613800138000", "+8613800138000"},
      {"", "13800138000", "+8613800138000"},         {"", "+639171234567", "+639171234567"},
      {"+1", "4165550123", "+14165550123"},          {"+1", "+14165550123", "+14165550123"},
      {"+63", "+8613800138000", "invalid_phone"},    {"+63", "008613800138000", "invalid_phone"},
      {"+63", "13800138000", "invalid_phone"},       {"+86", "+639171234567", "invalid_phone"},
      {"+86", "09171234567", "invalid_phone"},       {"+86", "013800138000", "invalid_phone"},
      {"+86", "86 8613800138000", "invalid_phone"},  {"+", "13800138000", "invalid_phone"},
      {"00", "13800138000", "invalid_phone"},        {"+0086", "13800138000", "invalid_phone"},
      {"086", "13800138000", "invalid_phone"},       {"+086", "13800138000", "invalid_phone"},
      {" 86", "13800138000", "invalid_phone"},       {"+86 ", "13800138000", "invalid_phone"},
      {"8 6", "13800138000", "invalid_phone"},       {"CN", "13800138000", "invalid_phone"},
      {"\uff0b86", "13800138000", "invalid_phone"},  {"+8613", "800138000", "invalid_phone"},
      {"+861", "3800138000", "invalid_phone"},       {"+999", "13800138000", "invalid_phone"},
      {"+870", "301234567", "invalid_phone"},        {"86\n", "13800138000", "invalid_phone"},
  };
  for (const row& r : rows) {
    CAPTURE(r.country_code);
    CAPTURE(r.text);
    CHECK(read_with(r.country_code, r.text) == r.expected);
  }
}

TEST_CASE("the country list decides by region, after validity") {
  phone_policy china_only;
  china_only.countries = {"CN"};
  phone_policy canada_and_hong_kong;
  canada_and_hong_kong.countries = {"CA", "HK"};
  CHECK(outcome(parse_phone("13800138000", china, china_only)) == "+8613800138000");
  CHECK(outcome(parse_phone("+85251234567", china, china_only)) == "country_not_allowed");
  CHECK(outcome(parse_phone("+886912345678", china, china_only)) == "country_not_allowed");
  CHECK(outcome(parse_phone("+639171234567", china, china_only)) == "country_not_allowed");
  CHECK(outcome(parse_phone("+63917123", china, china_only)) == "invalid_phone");
  CHECK(outcome(parse_phone("13800138000", china, canada_and_hong_kong)) == "country_not_allowed");
  CHECK(outcome(parse_phone("12800138000", china, canada_and_hong_kong)) == "invalid_phone");
  CHECK(outcome(parse_phone("+14165550123", china, canada_and_hong_kong)) == "+14165550123");
  CHECK(outcome(parse_phone("+14155552671", china, canada_and_hong_kong)) == "country_not_allowed");
  CHECK(outcome(parse_phone("51234567", "+852", china, canada_and_hong_kong)) == "+85251234567");
}

TEST_CASE("a number knows its parts") {
  const phone_number mainland = parse_phone("13800138000", china, everywhere).value();
  CHECK(mainland.region() == "CN");
  CHECK(mainland.country_code() == 86);
  CHECK(mainland.national() == "13800138000");
  const phone_number american = parse_phone("+14155552671", china, everywhere).value();
  CHECK(american.national() == "4155552671");
  const phone_number cambodian = parse_phone("+85512345678", china, everywhere).value();
  CHECK(cambodian.national() == "12345678");
  CHECK(mainland == parse_phone("+86 138 0013 8000", 63, everywhere).value());
  CHECK(mainland != american);
  CHECK(american < mainland);
}

TEST_CASE("a masked number shows at most its first 3 and last 4 digits, and hides at least 4") {
  CHECK(parse_phone("13812348000", china, everywhere)->masked() == "+86138****8000");
  CHECK(parse_phone("+14155552671", china, everywhere)->masked() == "+1415****671");
  CHECK(parse_phone("+6581234567", china, everywhere)->masked() == "+6581****67");
  for (const country_entry& country : known_countries()) {
    PhoneNumber example;
    REQUIRE(PhoneNumberUtil::GetInstance()->GetExampleNumberForType(country.region, PhoneNumberUtil::MOBILE, &example));
    std::string e164;
    PhoneNumberUtil::GetInstance()->Format(example, PhoneNumberUtil::E164, &e164);
    CAPTURE(e164);
    const result<phone_number> parsed = parse_phone(e164, china, everywhere);
    if (!parsed) continue;  // counted in the next case
    const std::string masked = parsed->masked();
    const auto code_digits = static_cast<std::ptrdiff_t>(std::to_string(parsed->country_code()).size());
    const auto shown =
        std::count_if(masked.begin(), masked.end(), [](char c) { return c >= '0' && c <= '9'; }) - code_digits;
    CHECK(shown <= 7);
    CHECK(shown <= static_cast<std::ptrdiff_t>(parsed->national().size()) - 4);
  }
}

TEST_CASE("the example mobile number of every known country is one number in all its spellings") {
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  CHECK(known_countries().size() > 200);
  for (const country_entry& country : known_countries()) {
    CAPTURE(country.region);
    PhoneNumber example;
    REQUIRE(library.GetExampleNumberForType(country.region, PhoneNumberUtil::MOBILE, &example));
    std::string e164;
    library.Format(example, PhoneNumberUtil::E164, &e164);
    CHECK(read(e164) == e164);
    CHECK(read("00" + e164.substr(1)) == e164);
    CHECK(read_with("+" + std::to_string(country.calling_code), e164) == e164);
    CHECK(outcome(stored_phone(e164)) == e164);
    CHECK(parse_phone(e164, china, everywhere)->region() == country.region);
    CHECK(stored_phone(e164)->region() == country.region);
    // Without its country code it is the same number or none, never another one.
    const std::string national =
        read(e164.substr(1 + std::to_string(country.calling_code).size()), country.calling_code);
    CHECK((national == e164 || national == "invalid_phone"));
    const std::string without_plus = read(e164.substr(1), country.calling_code);
    CHECK((without_plus == e164 || without_plus == "invalid_phone"));
  }
}

TEST_CASE("landlines and service numbers of every country are refused") {
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  constexpr PhoneNumberUtil::PhoneNumberType types[] = {
      PhoneNumberUtil::FIXED_LINE,  PhoneNumberUtil::TOLL_FREE, PhoneNumberUtil::PREMIUM_RATE,
      PhoneNumberUtil::SHARED_COST, PhoneNumberUtil::VOIP,      PhoneNumberUtil::PERSONAL_NUMBER,
      PhoneNumberUtil::PAGER,       PhoneNumberUtil::UAN,       PhoneNumberUtil::VOICEMAIL};
  int refused = 0;
  for (const country_entry& country : known_countries()) {
    for (const PhoneNumberUtil::PhoneNumberType type : types) {
      PhoneNumber example;
      if (!library.GetExampleNumberForType(country.region, type, &example)) continue;
      if (library.GetNumberType(example) == PhoneNumberUtil::FIXED_LINE_OR_MOBILE) continue;
      std::string e164;
      library.Format(example, PhoneNumberUtil::E164, &e164);
      CAPTURE(e164);
      CHECK(read(e164) == "invalid_phone");
      ++refused;
    }
  }
  CHECK(refused >= 200);  // SEND-06
}

TEST_CASE("known countries are sorted, unique, and name the regions and codes of our markets") {
  const std::vector<country_entry>& countries = known_countries();
  CHECK(std::is_sorted(countries.begin(), countries.end(),
                       [](const country_entry& a, const country_entry& b) { return a.region < b.region; }));
  CHECK(std::adjacent_find(countries.begin(), countries.end(), [](const country_entry& a, const country_entry& b) {
          return a.region == b.region;
        }) == countries.end());
  const country_entry expected[] = {{"CN", 86},  {"HK", 852}, {"MO", 853}, {"TW", 886}, {"PH", 63},
                                    {"TH", 66},  {"VN", 84},  {"MY", 60},  {"SG", 65},  {"ID", 62},
                                    {"KH", 855}, {"US", 1},   {"CA", 1}};
  for (const country_entry& country : expected) {
    CAPTURE(country.region);
    CHECK(std::find(countries.begin(), countries.end(), country) != countries.end());
  }
}

TEST_CASE("a stored number comes back as it was, and other text does not") {
  for (const std::string_view text :
       {"+8613800138000", "+8614912345678", "+639171234567", "+14155552671", "+85251234567"}) {
    CAPTURE(text);
    CHECK(outcome(stored_phone(text)) == text);
    CHECK(stored_phone(text).value() == parse_phone(text, china, everywhere).value());
  }
  for (const std::string_view text :
       {"", "+", "13800138000", "8613800138000", "+86 13800138000", "+8613800138000 ", "+86138", "+8612800138000",
        "+1234567890123456", "+999123456789", "+870301234567", "+a"}) {
    CAPTURE(text);
    CHECK(outcome(stored_phone(text)) == "invalid_phone");
  }
}

TEST_CASE("a stored number outlives its range in libphonenumber") {
  // 0800… is no range of the Philippines; a range can be withdrawn after the account was made.
  CHECK(outcome(stored_phone("+630000000000")) != "country_not_allowed");
  const result<phone_number> retired = stored_phone("+639001234567");
  REQUIRE(retired.has_value());
  CHECK(retired->region() == "PH");
  CHECK(retired->country_code() == 63);
}

TEST_CASE("any bytes give a canonical number or a failure, and that number is its own spelling") {
  std::mt19937 random(20261121);  // NOLINT(bugprone-random-generator-seed): a failing run must be repeatable
  constexpr std::string_view likely = "0123456789012345678901234567890123456789+- 86138";
  std::uniform_int_distribution<std::size_t> length(0, 34);
  std::uniform_int_distribution<int> byte(0, 255);
  std::uniform_int_distribution<std::size_t> pick(0, likely.size() - 1);
  int numbers = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text(length(random), '\0');
    const bool any = i % 8 == 0;
    for (char& c : text)
      c = any ? static_cast<char>(byte(random)) : likely[pick(random)];
    if (i % 4 == 1) text.insert(0, "+");
    if (i % 4 == 2) text.replace(0, text.size() > 11 ? text.size() - 10 : 1, "1");
    const result<phone_number> parsed = parse_phone(text, i % 2 == 0 ? china : 63, everywhere);
    if (!parsed) {
      CHECK(parsed.error().code == errc::invalid_phone);
      continue;
    }
    ++numbers;
    CAPTURE(text);
    CHECK(parsed->e164().size() >= 8);
    CHECK(parsed->e164().size() <= 16);
    CHECK(parse_phone(parsed->e164(), china, everywhere).value() == *parsed);
    CHECK(stored_phone(parsed->e164()).value() == *parsed);
  }
  CHECK(numbers > 50);
}

TEST_CASE("four threads read numbers of many countries at once and agree") {
  std::atomic<int> wrong = 0;
  const auto work = [&wrong] {
    for (int i = 0; i < 500; ++i) {
      if (read("13800138000") != "+8613800138000") ++wrong;
      if (read("0917 123 4567", 63) != "+639171234567") ++wrong;
      if (read("+14165550123") != "+14165550123") ++wrong;
      if (read("+442079460958") != "invalid_phone") ++wrong;
      if (outcome(stored_phone("+6581234567")) != "+6581234567") ++wrong;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back(work);
  for (std::thread& thread : threads)
    thread.join();
  CHECK(wrong == 0);
}
