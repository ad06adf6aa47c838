#include "telemetry/log.hpp"

#include "telemetry/line.hpp"
#include "telemetry/line_writer.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <signal.h>
#include <utility>
#include <vector>

namespace smsauth::telemetry {

namespace {

constexpr std::chrono::seconds stop_grace{1};  // how long stop_log waits for a blocked sink
constexpr int level_off = 127;

using spdlog::details::thread_pool;

/// spdlog's end of a line_writer: lines come finished, so there is nothing to format.
class line_sink final : public spdlog::sinks::sink {
 public:
  explicit line_sink(line_writer& writer) : writer_(writer) {}

  /// The pool whose thread calls this sink.
  void set_pool(thread_pool& pool) noexcept { pool_ = &pool; }

  void log(const spdlog::details::log_msg& message) override {
    writer_.append({message.payload.data(), message.payload.size()});
    // Under load many lines make one write; the last one before a pause never waits.
    if (pool_ == nullptr || pool_->queue_size() == 0) writer_.flush();
  }
  void flush() override { writer_.flush(); }
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  line_writer& writer_;
  thread_pool* pool_ = nullptr;
};

/// Everything of one start_log. spdlog's queue holds the lines; its thread is the only one that touches the writer.
class backend {
 public:
  explicit backend(const log_settings& settings)
      : format(settings.format),
        writer_(settings.file.empty() ? std::make_unique<line_writer>() : std::make_unique<line_writer>(settings.file)),
        pool_(std::make_shared<thread_pool>(
            settings.queue_lines, 1, [] { enter_thread(); }, [this] { writer_->close(); })) {
    auto sink = std::make_shared<line_sink>(*writer_);
    sink->set_pool(*pool_);
    logger_ = std::make_shared<spdlog::async_logger>("smsauthd", std::move(sink), pool_,
                                                     spdlog::async_overflow_policy::overrun_oldest);
    logger_->set_level(spdlog::level::trace);
  }

  void queue(line::clock::time_point time, std::string_view text) {
    logger_->log(time, spdlog::source_loc{}, spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
  }

  void stop() {
    writer_->give_up_after(stop_grace);
    overrun_ = pool_->overrun_counter();
    pool_.reset();
  }

  std::uint64_t lost() const { return writer_->lost() + (pool_ ? pool_->overrun_counter() : overrun_); }

  const log_format format;

 private:
  /// Signals are the business of the main thread, and a closed pipe must be an error of write(), not the end of the
  /// process.
  static void enter_thread() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    pthread_setname_np(pthread_self(), "log");
  }

  std::unique_ptr<line_writer> writer_;
  std::shared_ptr<thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
  std::size_t overrun_ = 0;  // of the pool that is gone
};

std::atomic<int> threshold = level_off;
std::atomic<backend*> current = nullptr;
std::atomic<std::uint64_t> lost_unqueued = 0;

/// Every backend ever started, never freed: a thread that logs while another one calls stop_log may still hold it. A
/// process has one, only tests have more.
struct backends {
  std::mutex mutex;
  std::vector<std::unique_ptr<backend>> all;
};

backends& started() {
  static auto* const instance = new backends;  // reachable to the end, also from destructors of static objects
  return *instance;
}

/// A log that fails must not fail its caller: whatever is thrown (no memory, no queue any more) is a lost line.
template <class Write>
void queue_line(Write write) noexcept {
  try {
    backend* const target = current.load(std::memory_order_acquire);
    if (target == nullptr) return;
    thread_local std::string text;
    const line::clock::time_point now = line::clock::now();
    write(text, target->format, now);
    target->queue(now, text);
  } catch (...) {
    lost_unqueued.fetch_add(1, std::memory_order_relaxed);
  }
}

/// Counts what was refused as busy. One line of level warning a second at most tells of it, the rest with the next
/// request of any kind or at the log's end.
class busy_summary {
 public:
  void see(const event& request) noexcept {
    if (is_busy(request)) refused_.fetch_add(1, std::memory_order_relaxed);
    if (refused_.load(std::memory_order_relaxed) == 0) return;
    const std::int64_t now = line::clock::now().time_since_epoch() / std::chrono::seconds(1);
    std::int64_t last = told_at_.load(std::memory_order_relaxed);
    if (now != last && told_at_.compare_exchange_strong(last, now, std::memory_order_relaxed)) tell();
  }
  void tell() noexcept {
    const std::int64_t refused = refused_.exchange(0, std::memory_order_relaxed);
    if (refused > 0) log(log_level::warning, "overload", {{"refused", refused}});
  }

 private:
  std::atomic<std::int64_t> refused_ = 0;  ///< since the last line
  std::atomic<std::int64_t> told_at_ = 0;  ///< in seconds
};

busy_summary busy_requests;

}  // namespace

void start_log(const log_settings& settings) {
  backends& all = started();
  const std::lock_guard lock(all.mutex);
  if (current.load() != nullptr) return;
  all.all.push_back(std::make_unique<backend>(settings));
  current.store(all.all.back().get(), std::memory_order_release);
  threshold.store(static_cast<int>(settings.level));
}

void stop_log() {
  busy_requests.tell();
  backends& all = started();
  const std::lock_guard lock(all.mutex);
  threshold.store(level_off);
  backend* const last = current.exchange(nullptr);
  if (last != nullptr) last->stop();
}

bool enabled(log_level level) noexcept {
  return static_cast<int>(level) >= threshold.load(std::memory_order_relaxed);
}

void log(log_level level, std::string_view what, std::initializer_list<field> fields) {
  if (!enabled(level)) return;
  queue_line([=](std::string& text, log_format format, line::clock::time_point now) {
    write_line(text, format, now, level, what, fields);
  });
}

void log(const event& request) {
  busy_requests.see(request);
  if (!enabled(level_of(request))) return;
  queue_line([&request](std::string& text, log_format format, line::clock::time_point now) {
    write_line(text, format, now, request);
  });
}

std::uint64_t lost_log_lines() noexcept {
  backends& all = started();
  const std::lock_guard lock(all.mutex);
  std::uint64_t lost = lost_unqueued.load(std::memory_order_relaxed);
  for (const std::unique_ptr<backend>& one : all.all)
    lost += one->lost();
  return lost;
}

}  // namespace smsauth::telemetry
