#include "core/purpose.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

using smsauth::core::all_purposes;
using smsauth::core::dialect;
using smsauth::core::parse_purpose;
using smsauth::core::purpose;

TEST_CASE("the names of purposes are those of the database and the spool") {
  CHECK(to_string(purpose::login) == "login");
  CHECK(to_string(purpose::register_account) == "register");
  CHECK(to_string(purpose::bind) == "bind");
  CHECK(to_string(purpose::rebind) == "rebind");
  CHECK(to_string(purpose::reset_password) == "reset_password");
  CHECK(to_string(purpose::reset_pay_password) == "reset_pay_password");
  CHECK(to_string(purpose::verify) == "verify");
}

TEST_CASE("every purpose is listed once and comes back from its name") {
  std::set<std::string_view> names;
  for (const purpose value : all_purposes) {
    CHECK(parse_purpose(to_string(value)) == value);
    CHECK(names.insert(to_string(value)).second);
  }
  CHECK(names.size() == 7);
  CHECK(names.count("unknown") == 0);
}

TEST_CASE("other names are no purposes") {
  for (const std::string_view name :
       {"", "LOGIN", "login ", " login", "register_account", "reset_pwd", "0", "unknown"}) {
    CAPTURE(name);
    CHECK(!parse_purpose(name));
  }
}

TEST_CASE("numbers outside the lists have the name unknown") {
  CHECK(to_string(static_cast<purpose>(200)) == "unknown");
  CHECK(to_string(static_cast<dialect>(200)) == "unknown");
}

TEST_CASE("dialects are named like their folders") {
  CHECK(to_string(dialect::discuzq) == "discuzq");
  CHECK(to_string(dialect::v4) == "v4");
  CHECK(to_string(dialect::smssend) == "smssend");
  CHECK(to_string(dialect::module) == "module");
}
