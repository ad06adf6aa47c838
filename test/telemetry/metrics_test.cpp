#include "telemetry/metrics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <thread>
#include <vector>

using namespace smsauth;

namespace {

telemetry::event request(std::string_view dialect, std::string_view route, std::string_view outcome, std::int64_t us) {
  telemetry::event made;
  made.dialect = dialect;
  made.route = route;
  made.outcome = outcome;
  made.duration_us = us;
  return made;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a histogram's buckets are cumulative, a bound belongs to its bucket, and the rest is infinity's") {
  static constexpr std::array<double, 3> bounds{0.1, 1, 10};
  telemetry::histogram seen(bounds);
  for (const double value : {0.05, 0.1, 0.2, 1.0, 5.0, 11.0, 1000.0})
    seen.observe(value);
  const auto read = seen.read();
  REQUIRE(read.buckets.size() == 4);
  CHECK(read.buckets[0].second == 2);
  CHECK(read.buckets[1].second == 4);
  CHECK(read.buckets[2].second == 5);
  CHECK(read.buckets[3].second == 7);
  CHECK(std::isinf(read.buckets[3].first));
  CHECK(read.sum == doctest::Approx(1017.35));
}

TEST_CASE("requests counted by several threads add up, whichever literal names them") {
  constexpr int threads = 4;
  constexpr int each = 20'000;
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([] {
        for (int n = 0; n < each; ++n) {
          telemetry::count_request(request("metrics-test", "/a/{b}", "ok", 700));
          telemetry::count_request(
              request("metrics-test", "/a/{b}", n % 2 == 0 ? "send_limited" : "wrong_code", 20'000));
        }
      });
    }
  }
  const std::string twin = "ok";  // the same word at another place
  telemetry::count_request(request("metrics-test", "/a/{b}", twin, 700));
  const std::string text = telemetry::metrics_text({});
  CHECK(has_line(text, R"(smsauthd_requests_total{dialect="metrics-test",route="/a/{b}",outcome="ok"} 80001)"));
  CHECK(
      has_line(text, R"(smsauthd_requests_total{dialect="metrics-test",route="/a/{b}",outcome="send_limited"} 40000)"));
  CHECK(has_line(text, R"(smsauthd_requests_total{dialect="metrics-test",route="/a/{b}",outcome="wrong_code"} 40000)"));
  CHECK(has_line(text, R"(smsauthd_limits_hit_total{limit="send_limited"} 40000)"));
  CHECK(has_line(text, R"(smsauthd_request_seconds_bucket{dialect="metrics-test",le="0.0005"} 0)"));
  CHECK(has_line(text, R"(smsauthd_request_seconds_bucket{dialect="metrics-test",le="0.001"} 80001)"));
  CHECK(has_line(text, R"(smsauthd_request_seconds_bucket{dialect="metrics-test",le="+Inf"} 160001)"));
  CHECK(has_line(text, R"(smsauthd_request_seconds_count{dialect="metrics-test"} 160001)"));
}

TEST_CASE("calls of gateways have outcome and duration") {
  telemetry::count_gateway_call("metrics\"gateway\n", "accepted", 30);
  telemetry::count_gateway_call("metrics\"gateway\n", "unknown", 9'000);
  const std::string text = telemetry::metrics_text({});
  CHECK(has_line(text, R"(smsauthd_gateway_calls_total{gateway="metrics\"gateway\n",outcome="accepted"} 1)"));
  CHECK(has_line(text, R"(smsauthd_gateway_call_seconds_bucket{gateway="metrics\"gateway\n",le="0.05"} 1)"));
  CHECK(has_line(text, R"(smsauthd_gateway_call_seconds_count{gateway="metrics\"gateway\n"} 2)"));
}

TEST_CASE("values of others are read when somebody asks, one family for one name") {
  double value = 3;
  std::vector<telemetry::metric_source> sources(3);
  for (auto& each : sources) {
    each.name = "smsauthd_test_jobs";
    each.help = "Jobs.";
    each.read = [&value] { return value; };
  }
  sources[0].labels = {{"lane", "a"}};
  sources[1].labels = {{"lane", "b"}};
  sources[2].name = "smsauthd_test_total";
  sources[2].what = telemetry::metric_source::kind::counter;
  std::string text = telemetry::metrics_text(sources);
  CHECK(has_line(text, R"(smsauthd_test_jobs{lane="a"} 3)"));
  CHECK(has_line(text, R"(smsauthd_test_jobs{lane="b"} 3)"));
  CHECK(has_line(text, "# TYPE smsauthd_test_jobs gauge"));
  CHECK(has_line(text, "# TYPE smsauthd_test_total counter"));
  CHECK(text.find("# TYPE smsauthd_test_jobs", text.find("# TYPE smsauthd_test_jobs") + 1) == std::string::npos);
  value = 4;
  text = telemetry::metrics_text(sources);
  CHECK(has_line(text, R"(smsauthd_test_jobs{lane="a"} 4)"));
}
