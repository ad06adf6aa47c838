#include "sms/route_table.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using namespace smsauth;
using core::purpose;
using sms::route_table;
using order = std::vector<std::size_t>;

namespace {

const std::array<std::string, 3> names{"ali", "tx", "smpp"};

core::phone_number number(std::string_view e164) {
  return core::stored_phone(e164).value();
}

const core::phone_number mainland = number("+8613800138000");
const core::phone_number singapore = number("+6591234567");

order plan(const route_table& routes, const core::phone_number& to, purpose why = purpose::login,
           std::uint32_t drawn = 0) {
  return routes.plan(to, why, [drawn] { return drawn; });
}

std::string refusal(std::string_view rule) {
  try {
    sms::parse_route_rule(rule, names);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("without a rule that fits everything goes to the gateway of --sms") {
  route_table routes(2);
  CHECK(plan(routes, mainland) == order{2});
  routes.add("country=SG -> ali", names);
  CHECK(plan(routes, mainland) == order{2});
}

TEST_CASE("the first rule that fits decides, by country, prefix and purpose together") {
  route_table routes(2);
  routes.add("country=CN purpose=login/register prefix=+86170/+86138 -> tx", names);
  routes.add("country=CN -> ali, tx", names);
  routes.add("prefix=+65 -> smpp, ali", names);
  routes.add("* -> tx", names);
  CHECK(plan(routes, mainland, purpose::login) == order{1});
  CHECK(plan(routes, mainland, purpose::register_account) == order{1});
  CHECK(plan(routes, mainland, purpose::reset_password) == order{0, 1});
  CHECK(plan(routes, number("+8613900138000")) == order{0, 1});
  CHECK(plan(routes, singapore) == order{2, 0});
  CHECK(plan(routes, number("+85251234567")) == order{1});
}

TEST_CASE("members of a rank come first as often as their weights say, and stand in for each other") {
  route_table routes(2);
  routes.add("* -> ali:3 | tx:1, smpp | ali", names);
  std::map<std::size_t, int> first;
  for (std::uint32_t drawn = 0; drawn < 4; ++drawn) {
    const order got = plan(routes, mainland, purpose::login, drawn);
    CHECK(got.size() == 3);
    CHECK(got[2] == 2);
    ++first[got[0]];
  }
  CHECK(first[0] == 3);
  CHECK(first[1] == 1);
}

TEST_CASE("a rule that says something else is refused with what was expected") {
  const struct {
    std::string_view rule;
    std::string_view expected;
  } table[] = {
      {"", "expected CONDITIONS -> GATEWAYS"},
      {"ali", "expected CONDITIONS -> GATEWAYS"},
      {"-> ali", "expected conditions, or *"},
      {"* ->", "names of [sms.NAME]"},
      {"* -> ali,", "names of [sms.NAME]"},
      {"* -> nobody", "names of [sms.NAME]"},
      {"* -> ali:0", "weight from 1 to 1000"},
      {"* -> ali:1001", "weight from 1 to 1000"},
      {"* -> ali:x", "weight from 1 to 1000"},
      {"* -> ali:", "weight from 1 to 1000"},
      {"country -> ali", "expected country="},
      {"country= -> ali", "expected country="},
      {"country=XX -> ali", "a region such as CN"},
      {"country=cn -> ali", "a region such as CN"},
      {"prefix=86 -> ali", "+ and digits"},
      {"prefix=+ -> ali", "+ and digits"},
      {"purpose=fun -> ali", "a purpose such as login"},
      {"colour=red -> ali", "expected country="},
  };
  for (const auto& row : table) {
    CAPTURE(row.rule);
    CHECK(refusal(row.rule).find(row.expected) != std::string::npos);
  }
  CHECK(refusal("country=CN/HK prefix=+861 purpose=verify -> ali:1000|tx , smpp:2") == "taken");
}
