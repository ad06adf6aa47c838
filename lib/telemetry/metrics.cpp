#include "telemetry/metrics.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <tuple>

namespace smsauth::telemetry {

namespace {

namespace prom = prometheus;

// Requests by route and outcome, found by the addresses of the two texts: no comparing, no allocation, no lock. Two
// literals of one text may be two cells; they are one line when they are read.
class request_table {
 public:
  void count(const event& done) noexcept {
    cell* const found = find(done);
    if (found != nullptr) found->count.fetch_add(1, std::memory_order_relaxed);
  }

  template <class Visit>
  void each(Visit visit) const {
    for (const cell& one : cells_) {
      if (one.ready.load(std::memory_order_acquire)) visit(*one.names, one.count.load(std::memory_order_relaxed));
    }
  }

 private:
  struct labels {
    std::string dialect;
    std::string route;
    std::string outcome;
  };
  /// All zeros at first, so that pages of the table that nobody uses are none: 0.5 MB.
  struct cell {
    std::atomic<bool> ready{false};
    std::array<const char*, 3> key{};  ///< where dialect, route and outcome lie
    std::unique_ptr<const labels> names;
    std::atomic<std::uint64_t> count{0};
  };
  /// Some 30 routes by some 40 outcomes, most of which never meet; a full table counts no new pairs.
  static constexpr std::size_t size = 4'096;

  static bool same(const cell& one, const event& done) noexcept {
    return one.key == std::array{done.dialect.data(), done.route.data(), done.outcome.data()};
  }

  cell* find(const event& done) noexcept {
    const auto route = reinterpret_cast<std::uintptr_t>(done.route.data());
    const auto outcome = reinterpret_cast<std::uintptr_t>(done.outcome.data());
    constexpr std::uint64_t spread = 0x9E3779B97F4A7C15U;  // 2^64 / golden ratio: neighbours part
    const std::size_t begin = ((route ^ (outcome << 1U)) * spread) >> 52U;
    for (std::size_t i = 0; i < size; ++i) {
      cell& one = cells_[(begin + i) % size];
      if (!one.ready.load(std::memory_order_acquire)) return make(begin, done);
      if (same(one, done)) return &one;
    }
    return nullptr;
  }

  cell* make(std::size_t begin, const event& done) noexcept {
    const std::scoped_lock lock(making_);
    for (std::size_t i = 0; i < size; ++i) {
      cell& one = cells_[(begin + i) % size];
      if (one.ready.load(std::memory_order_relaxed)) {
        if (same(one, done)) return &one;
        continue;
      }
      one.key = {done.dialect.data(), done.route.data(), done.outcome.data()};
      one.names.reset(new (std::nothrow)
                          labels{std::string(done.dialect), std::string(done.route), std::string(done.outcome)});
      if (one.names == nullptr) return nullptr;
      one.ready.store(true, std::memory_order_release);
      return &one;
    }
    return nullptr;
  }

  std::array<cell, size> cells_;
  std::mutex making_;
};

// One histogram per dialect; the names are few and short.
class duration_table {
 public:
  void observe(std::string_view dialect, double seconds) noexcept {
    for (entry& one : entries_) {
      if (!one.ready.load(std::memory_order_acquire) && !make(dialect)) return;
      if (one.dialect == dialect) return one.seconds.observe(seconds);
    }
  }
  template <class Visit>
  void each(Visit visit) const {
    for (const entry& one : entries_) {
      if (one.ready.load(std::memory_order_acquire)) visit(one.dialect, one.seconds.read());
    }
  }

 private:
  struct entry {
    std::atomic<bool> ready{false};
    std::string dialect;
    histogram seconds{duration_bounds};
  };

  bool make(std::string_view dialect) noexcept {
    const std::scoped_lock lock(making_);
    for (entry& one : entries_) {
      if (one.ready.load(std::memory_order_relaxed)) {
        if (one.dialect == dialect) return true;
        continue;
      }
      one.dialect = dialect;
      one.ready.store(true, std::memory_order_release);
      return true;
    }
    return false;
  }

  std::array<entry, 8> entries_;  ///< four dialects, ops, receipts, none
  std::mutex making_;
};

// Calls of gateways are rare and slow: a lock and a map cost nothing beside them.
struct gateway_table {
  std::mutex mutex;
  std::map<std::pair<std::string, std::string>, std::uint64_t> calls;
  std::map<std::string, std::unique_ptr<histogram>> seconds;
};

request_table& requests() noexcept {
  static constinit request_table table;
  return table;
}

duration_table& durations() noexcept {
  static duration_table table;
  return table;
}

gateway_table& gateways() {
  static gateway_table table;
  return table;
}

prom::ClientMetric labelled(std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
  prom::ClientMetric made;
  for (const auto& [name, value] : labels)
    made.label.push_back({std::string(name), std::string(value)});
  return made;
}

prom::MetricFamily family(std::string name, std::string help, prom::MetricType type) {
  prom::MetricFamily made;
  made.name = std::move(name);
  made.help = std::move(help);
  made.type = type;
  return made;
}

prom::ClientMetric with_histogram(prom::ClientMetric of, const histogram::reading& read) {
  for (const auto& [bound, count] : read.buckets)
    of.histogram.bucket.push_back({count, bound});
  of.histogram.sample_count = read.buckets.back().second;
  of.histogram.sample_sum = read.sum;
  return of;
}

bool is_limit(std::string_view outcome) {
  constexpr std::array<std::string_view, 6> limits{"send_too_soon",      "send_limited", "lookup_limited",
                                                   "password_throttled", "phone_locked", "busy"};
  return std::find(limits.begin(), limits.end(), outcome) != limits.end();
}

void add_requests(std::vector<prom::MetricFamily>& all) {
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> sums;
  std::map<std::string, std::uint64_t> limits;
  requests().each([&](const auto& names, std::uint64_t count) {
    sums[{names.dialect, names.route, names.outcome}] += count;
    if (is_limit(names.outcome)) limits[names.outcome] += count;
  });
  auto total = family("smsauthd_requests_total", "Finished requests.", prom::MetricType::Counter);
  for (const auto& [key, count] : sums) {
    auto one = labelled({{"dialect", std::get<0>(key)}, {"route", std::get<1>(key)}, {"outcome", std::get<2>(key)}});
    one.counter.value = static_cast<double>(count);
    total.metric.push_back(std::move(one));
  }
  all.push_back(std::move(total));
  auto hits = family("smsauthd_limits_hit_total", "Requests that a limit refused.", prom::MetricType::Counter);
  for (const auto& [limit, count] : limits) {
    auto one = labelled({{"limit", limit}});
    one.counter.value = static_cast<double>(count);
    hits.metric.push_back(std::move(one));
  }
  all.push_back(std::move(hits));
  auto seconds =
      family("smsauthd_request_seconds", "From a request that was read to its reply.", prom::MetricType::Histogram);
  durations().each([&](std::string_view dialect, const histogram::reading& read) {
    seconds.metric.push_back(with_histogram(labelled({{"dialect", dialect}}), read));
  });
  all.push_back(std::move(seconds));
}

void add_gateways(std::vector<prom::MetricFamily>& all) {
  auto calls = family("smsauthd_gateway_calls_total", "Calls of gateways by their outcome.", prom::MetricType::Counter);
  auto seconds = family("smsauthd_gateway_call_seconds", "Duration of a gateway's call.", prom::MetricType::Histogram);
  {
    gateway_table& table = gateways();
    const std::scoped_lock lock(table.mutex);
    for (const auto& [key, count] : table.calls) {
      auto one = labelled({{"gateway", key.first}, {"outcome", key.second}});
      one.counter.value = static_cast<double>(count);
      calls.metric.push_back(std::move(one));
    }
    for (const auto& [gateway, times] : table.seconds)
      seconds.metric.push_back(with_histogram(labelled({{"gateway", gateway}}), times->read()));
  }
  all.push_back(std::move(calls));
  all.push_back(std::move(seconds));
}

void add_database(std::vector<prom::MetricFamily>& all) {
  auto jobs = family("smsauthd_database_batch_jobs", "Jobs that shared a commit.", prom::MetricType::Histogram);
  jobs.metric.push_back(with_histogram({}, batch_jobs().read()));
  all.push_back(std::move(jobs));
  auto seconds =
      family("smsauthd_database_commit_seconds",
             "From a batch's first statement to its commit (SQLite: without the sync).", prom::MetricType::Histogram);
  seconds.metric.push_back(with_histogram({}, commit_seconds().read()));
  all.push_back(std::move(seconds));
  auto synced = family(
      "smsauthd_database_sync_seconds",
      "SQLite: fdatasync of the write-ahead log, which makes the commits before it durable; without those that failed.",
      prom::MetricType::Histogram);
  synced.metric.push_back(with_histogram({}, sync_seconds().read()));
  all.push_back(std::move(synced));
}

void add_sources(std::vector<prom::MetricFamily>& all, std::span<const metric_source> sources) {
  std::map<std::string, std::size_t> places;
  for (const metric_source& each : sources) {
    const bool counter = each.what == metric_source::kind::counter;
    const auto [at, fresh] = places.try_emplace(each.name, all.size());
    if (fresh)
      all.push_back(family(each.name, each.help, counter ? prom::MetricType::Counter : prom::MetricType::Gauge));
    prom::ClientMetric one;
    for (const auto& [name, value] : each.labels)
      one.label.push_back({name, value});
    (counter ? one.counter.value : one.gauge.value) = each.read();
    all[at->second].metric.push_back(std::move(one));
  }
}

}  // namespace

void histogram::observe(double value) noexcept {
  std::size_t at = 0;
  while (at < bounds_.size() && value > bounds_[at])
    ++at;
  counts_[at].fetch_add(1, std::memory_order_relaxed);
  constexpr double micro = 1e6;
  sum_micro_.fetch_add(static_cast<std::uint64_t>(std::max(0.0, value) * micro), std::memory_order_relaxed);
}

histogram::reading histogram::read() const {
  reading made;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) {
    sum += counts_[i].load(std::memory_order_relaxed);
    made.buckets.emplace_back(i < bounds_.size() ? bounds_[i] : std::numeric_limits<double>::infinity(), sum);
  }
  constexpr double micro = 1e6;
  made.sum = static_cast<double>(sum_micro_.load(std::memory_order_relaxed)) / micro;
  return made;
}

void count_request(const event& done) noexcept {
  constexpr double us_per_second = 1e6;
  requests().count(done);
  durations().observe(done.dialect, static_cast<double>(done.duration_us) / us_per_second);
}

void count_gateway_call(std::string_view gateway, std::string_view outcome, std::int64_t took_ms) {
  constexpr double ms_per_second = 1e3;
  gateway_table& table = gateways();
  const std::scoped_lock lock(table.mutex);
  ++table.calls[{std::string(gateway), std::string(outcome)}];
  std::unique_ptr<histogram>& seconds = table.seconds[std::string(gateway)];
  if (!seconds) seconds = std::make_unique<histogram>(duration_bounds);
  seconds->observe(static_cast<double>(took_ms) / ms_per_second);
}

histogram& batch_jobs() noexcept {
  static histogram jobs(batch_bounds);
  return jobs;
}

histogram& commit_seconds() noexcept {
  static histogram seconds(duration_bounds);
  return seconds;
}

histogram& sync_seconds() noexcept {
  static histogram seconds(duration_bounds);
  return seconds;
}

std::string metrics_text(std::span<const metric_source> sources) {
  std::vector<prom::MetricFamily> all;
  add_requests(all);
  add_database(all);
  add_gateways(all);
  add_sources(all, sources);
  return prom::TextSerializer().Serialize(all);
}

}  // namespace smsauth::telemetry
