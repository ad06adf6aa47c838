#include "core/error.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using smsauth::core::errc;
using smsauth::core::failure;
using smsauth::core::result;

constexpr std::size_t error_count = static_cast<std::size_t>(errc::count_);

}  // namespace

TEST_CASE("every error has a name of its own, fit for a metric label") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < error_count; ++i) {
    const std::string_view name = to_string(static_cast<errc>(i));
    CAPTURE(name);
    CHECK(name != "unknown");
    CHECK(!name.empty());
    CHECK(std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }));
    CHECK(names.insert(name).second);
  }
  CHECK(names.size() == error_count);
}

TEST_CASE("names stand beside their errors") {
  CHECK(to_string(errc::malformed_request) == "malformed_request");
  CHECK(to_string(errc::invalid_phone) == "invalid_phone");
  CHECK(to_string(errc::wrong_code) == "wrong_code");
  CHECK(to_string(errc::already_registered) == "already_registered");
  CHECK(to_string(errc::phone_taken) == "phone_taken");
  CHECK(to_string(errc::lookup_limited) == "lookup_limited");
  CHECK(to_string(errc::wrong_password) == "wrong_password");
  CHECK(to_string(errc::pay_password_disabled) == "pay_password_disabled");
  CHECK(to_string(errc::not_authenticated) == "not_authenticated");
  CHECK(to_string(errc::invalid_refresh_token) == "invalid_refresh_token");
  CHECK(to_string(errc::gateway_failed) == "gateway_failed");
  CHECK(to_string(errc::internal) == "internal");
}

TEST_CASE("a number that is no error has a name too") {
  CHECK(to_string(errc::count_) == "unknown");
  CHECK(to_string(static_cast<errc>(255)) == "unknown");
}

TEST_CASE("a failure carries when to come back or which field") {
  const failure limited(errc::send_too_soon, 42);
  CHECK(limited.retry_after_seconds == 42);
  CHECK(limited.field.empty());
  const failure missing(errc::missing_field, "mobile");
  CHECK(missing.retry_after_seconds == 0);
  CHECK(missing.field == "mobile");
  CHECK(limited == failure(errc::send_too_soon));
  CHECK(!(limited == missing));
}

TEST_CASE("the value of a failed result throws and names the error and the place") {
  const result<int> failed = errc::phone_locked;
  std::string text;
  try {
    static_cast<void>(failed.value());
  } catch (const std::logic_error& error) {
    text = error.what();
  }
  CHECK(text.find("phone_locked") != std::string::npos);
  CHECK(text.find("error_test.cpp") != std::string::npos);
}
