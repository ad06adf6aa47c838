// Counters of the process, read by whoever scrapes /metrics. On the way of a request a count is one relaxed addition to
// a cell that was found by two pointers; the text is made by prometheus-cpp, when somebody asks.
//
// Labels are names of ours (dialect, route pattern, errc, gateway), never anything that a client sent (OTP-13, LOG-01).
#pragma once

#include "telemetry/event.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsauth::telemetry {

/// How often a value was at most each of some bounds. One writer or many; bounds live for ever.
class histogram {
 public:
  static constexpr std::size_t max_bounds = 15;

  /// `bounds` ascending, at most max_bounds, in the unit of observe().
  explicit histogram(std::span<const double> bounds) : bounds_(bounds) {}

  void observe(double value) noexcept;

  struct reading {
    std::vector<std::pair<double, std::uint64_t>> buckets;  ///< bound, cumulative count; the last is infinity's
    double sum = 0;
  };
  reading read() const;

 private:
  std::span<const double> bounds_;
  std::array<std::atomic<std::uint64_t>, max_bounds + 1> counts_{};
  std::atomic<std::uint64_t> sum_micro_{0};  ///< in millionths of the unit: an addition is one instruction
};

inline constexpr std::array<double, 13> duration_bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                        0.1,    0.25,  0.5,    1.0,   2.5,  10.0};
inline constexpr std::array<double, 7> batch_bounds{1, 2, 4, 8, 16, 32, 64};

/// A finished request: smsauthd_requests_total and smsauthd_request_seconds. Its text views must live as long as the
/// process: literals and route patterns. Any thread.
void count_request(const event& done) noexcept;

/// A finished call of a gateway: smsauthd_gateway_calls_total and smsauthd_gateway_call_seconds. Any thread.
void count_gateway_call(std::string_view gateway, std::string_view outcome, std::int64_t took_ms);

/// The process-wide histograms of database work: jobs of a batch, seconds until it was committed, and seconds until
/// SQLite's log was on the disk after that.
histogram& batch_jobs() noexcept;
histogram& commit_seconds() noexcept;
histogram& sync_seconds() noexcept;

/// A value that is asked for when somebody scrapes.
struct metric_source {
  enum class kind : std::uint8_t { gauge, counter };
  kind what = kind::gauge;
  std::string name;  ///< "smsauthd_lane_jobs"
  std::string help;
  std::vector<std::pair<std::string, std::string>> labels;
  std::function<double()> read;
};

/// Text exposition format 0.0.4 of everything counted above and of `sources`.
std::string metrics_text(std::span<const metric_source> sources);

}  // namespace smsauth::telemetry
