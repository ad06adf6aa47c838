#include "dialect/beijing_time.hpp"

#include <doctest/doctest.h>

#include <cstdint>

namespace {

using namespace smsauth;

TEST_CASE("times are shown at UTC+08:00") {
  const struct {
    core::epoch_ms at;
    const char* text;
  } table[] = {
      {0, "1970-01-01 08:00:00"},
      {1'576'827'272'000, "2019-12-20 15:34:32"},  // the seed of dialect module: iat of its token and create_at
      {1'576'827'272'999, "2019-12-20 15:34:32"},
      {1'582'905'599'000, "2020-02-28 23:59:59"},
      {1'582'905'600'000, "2020-02-29 00:00:00"},
      {1'709'135'999'000, "2024-02-28 23:59:59"},
      {4'107'513'599'000, "2100-02-28 23:59:59"},
      {4'107'513'600'000, "2100-03-01 00:00:00"},  // no leap year
      {-1, "1970-01-01 07:59:59"},
      {-28'800'001, "1969-12-31 23:59:59"},
      {INT64_MIN, "0000-01-01 00:00:00"},
      {INT64_MAX, "9999-12-31 23:59:59"},
  };
  for (const auto& row : table) {
    CAPTURE(row.at);
    CHECK(dialect::beijing_datetime(row.at) == row.text);
  }
}

TEST_CASE("RFC 3339 names the offset") {
  CHECK(dialect::beijing_rfc3339(1'576'080'000'000) == "2019-12-12T00:00:00+08:00");
}

}  // namespace
