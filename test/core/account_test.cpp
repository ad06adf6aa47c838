#include "core/account.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_set>

using namespace smsauth;

namespace {

constexpr std::int64_t largest_uid = (std::int64_t{1} << 40) - 1;
constexpr std::int64_t first_long_name_uid = std::int64_t{1} << 31;

std::size_t equal_characters(const std::string& a, const std::string& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    count += a[i] == b[i] ? 1U : 0U;
  return count;
}

}  // namespace

TEST_CASE("only an account of normal status is served") {
  using core::account_status;
  CHECK_FALSE(core::refusal_of(account_status::normal).has_value());
  CHECK(core::refusal_of(account_status::banned) == core::errc::account_banned);
  CHECK(core::refusal_of(account_status::pending) == core::errc::account_pending);
  CHECK(core::refusal_of(account_status::rejected) == core::errc::account_rejected);
  CHECK(core::refusal_of(account_status::ignored) == core::errc::account_ignored);
  CHECK(core::refusal_of(account_status::replaced) == core::errc::invalid_token);
}

TEST_CASE("a status that the database should not hold is refused, not served") {
  CHECK(core::refusal_of(static_cast<core::account_status>(77)) == core::errc::internal);
}

TEST_CASE("invite codes of the first 100000 accounts differ and lead back to their account") {
  std::unordered_set<std::string> seen;
  for (std::int64_t uid = 1; uid <= 100'000; ++uid) {
    const std::string code = core::invite_code_of(uid);
    REQUIRE(code.size() == 8);
    REQUIRE(seen.insert(code).second);
    REQUIRE(core::uid_of_invite_code(code) == uid);
  }
}

TEST_CASE("invite codes of random accounts and of the edges lead back to their account") {
  std::mt19937_64 random(20261121);
  std::uniform_int_distribution<std::int64_t> any_uid(1, largest_uid);
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t uid = any_uid(random);
    REQUIRE(core::uid_of_invite_code(core::invite_code_of(uid)) == uid);
  }
  for (const std::int64_t uid : {std::int64_t{1}, (std::int64_t{1} << 20) - 1, std::int64_t{1} << 20, largest_uid})
    CHECK(core::uid_of_invite_code(core::invite_code_of(uid)) == uid);
}

TEST_CASE("invite codes never change: they are printed on posters") {
  CHECK(core::invite_code_of(1) == "R5V25YGT");
  CHECK(core::invite_code_of(2) == "9ZV3EPKK");
  CHECK(core::invite_code_of(1'000'000) == "7KCZJCBR");
  CHECK(core::invite_code_of(largest_uid) == "3TD6ZJEB");
}

TEST_CASE("invite codes use capital letters and digits that are not misread") {
  for (std::int64_t uid = 1; uid <= 10'000; ++uid)
    REQUIRE(core::invite_code_of(uid).find_first_not_of("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") == std::string::npos);
}

TEST_CASE("invite codes of neighbours do not look alike") {
  std::size_t equal = 0;
  for (std::int64_t uid = 1; uid <= 10'000; ++uid)
    equal += equal_characters(core::invite_code_of(uid), core::invite_code_of(uid + 1));
  CHECK(equal < 10'000 * 8 / 16);  // chance alone gives 1 in 32
}

TEST_CASE("an invite code may be typed in small letters") {
  std::string code = core::invite_code_of(4711);
  for (char& c : code) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  CHECK(core::uid_of_invite_code(code) == 4711);
}

TEST_CASE("text that is no invite code has no account") {
  const std::string good = core::invite_code_of(1);
  CHECK_FALSE(core::uid_of_invite_code("").has_value());
  CHECK_FALSE(core::uid_of_invite_code(good.substr(1)).has_value());
  CHECK_FALSE(core::uid_of_invite_code(good + "A").has_value());
  CHECK_FALSE(core::uid_of_invite_code(" " + good).has_value());
  for (const char bad : {'0', '1', 'I', 'O', 'i', 'o', ' ', '-', '\0', '\x7f', '\xc3'}) {
    std::string code = good;
    code[3] = bad;
    CAPTURE(static_cast<int>(bad));
    CHECK_FALSE(core::uid_of_invite_code(code).has_value());
  }
}

TEST_CASE("the one code that stands for uid 0 has no account") {
  // Exactly one of the 2^40 codes undoes to 0, which is no account: this one.
  CHECK_FALSE(core::uid_of_invite_code("5AHMFU9E").has_value());
}

TEST_CASE("generated user names of neighbours, of random accounts and of both lengths are all different") {
  std::unordered_set<std::string> seen;
  std::set<std::int64_t> uids;
  for (std::int64_t uid = 1; uid <= 100'000; ++uid)
    uids.insert(uid);
  for (std::int64_t uid = first_long_name_uid - 50'000; uid < first_long_name_uid + 50'000; ++uid)
    uids.insert(uid);
  std::mt19937_64 random(20261121);
  std::uniform_int_distribution<std::int64_t> any_uid(1, largest_uid);
  for (int i = 0; i < 50'000; ++i)
    uids.insert(any_uid(random));
  for (const std::int64_t uid : uids)
    REQUIRE(seen.insert(core::generated_username("u_", uid)).second);
}

TEST_CASE("a generated user name is the prefix and 6 small letters or digits, 8 from account 2^31 on") {
  constexpr std::string_view allowed = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (const std::int64_t uid : {std::int64_t{1}, std::int64_t{2}, std::int64_t{36}, first_long_name_uid - 1}) {
    const std::string name = core::generated_username("u_", uid);
    CAPTURE(uid);
    CHECK(name.size() == 8);
    CHECK(name.substr(0, 2) == "u_");
    CHECK(name.find_first_not_of(allowed, 2) == std::string::npos);
  }
  for (const std::int64_t uid : {first_long_name_uid, largest_uid}) {
    const std::string name = core::generated_username("", uid);
    CAPTURE(uid);
    CHECK(name.size() == 8);
    CHECK(name.find_first_not_of(allowed) == std::string::npos);
  }
}

TEST_CASE("generated user names do not tell how many accounts there are") {
  std::size_t equal = 0;
  for (std::int64_t uid = 1; uid <= 10'000; ++uid)
    equal += equal_characters(core::generated_username("", uid), core::generated_username("", uid + 1));
  CHECK(equal < 10'000 * 6 / 12);  // chance alone gives 1 in 36
}

TEST_CASE("a uid outside 1 to 2^40 - 1 is a bug and never gets a name of another account") {
  for (const std::int64_t uid : {std::int64_t{0}, std::int64_t{-1}, largest_uid + 1, INT64_MIN, INT64_MAX}) {
    CAPTURE(uid);
    CHECK_THROWS_AS(core::invite_code_of(uid), std::out_of_range);
    CHECK_THROWS_AS(core::generated_username("u_", uid), std::out_of_range);
  }
}

TEST_CASE("a masked number shows 3 and 4 digits and always hides 4") {
  struct row {
    std::string_view national;
    std::string_view masked;
  };
  for (const row& r : {row{"13100000001", "131****0001"}, row{"131000000012", "131****0012"},
                       row{"9171234567", "917****567"}, row{"91234567", "91****67"}, row{"9123456", "9****56"},
                       row{"12345", "****5"}, row{"1234", "****"}, row{"1", "****"}, row{"", "****"}}) {
    CHECK(core::masked_national(r.national) == r.masked);
  }
}
