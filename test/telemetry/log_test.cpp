#include "telemetry/log.hpp"

#include "core/error.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using smsauth::telemetry::enabled;
using smsauth::telemetry::event;
using smsauth::telemetry::log;
using smsauth::telemetry::log_format;
using smsauth::telemetry::log_level;
using smsauth::telemetry::log_settings;
using smsauth::telemetry::lost_log_lines;
using smsauth::telemetry::start_log;
using smsauth::telemetry::stop_log;
using std::string_view_literals::operator""sv;

/// A log file of its own for a test.
class log_file {
 public:
  log_file() {
    std::string name = (std::filesystem::temp_directory_path() / "smsauth-log-XXXXXX").string();
    const int descriptor = mkstemp(name.data());
    REQUIRE(descriptor >= 0);
    close(descriptor);
    path_ = name;
  }
  ~log_file() { std::filesystem::remove(path_); }
  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  log_settings settings(log_format format = log_format::json) const {
    log_settings chosen;
    chosen.file = path_;
    chosen.format = format;
    return chosen;
  }

  std::string text() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> found;
    std::ifstream in(path_, std::ios::binary);
    for (std::string one; std::getline(in, one);)
      found.push_back(one);
    return found;
  }

 private:
  std::string path_;
};

/// Everything that comes out of a descriptor until its writers are gone.
std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 65536> block{};
  for (ssize_t n = read(descriptor, block.data(), block.size()); n > 0;
       n = read(descriptor, block.data(), block.size())) {
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  return text;
}

log_settings to_descriptor(int descriptor) {
  log_settings settings;
  settings.file = "/proc/self/fd/" + std::to_string(descriptor);
  return settings;
}

event request_with(std::string id) {
  event request;
  request.request_id = std::move(id);
  request.route = "/api/sms/verify";
  request.status = 200;
  return request;
}

}  // namespace

TEST_CASE("before start_log and after stop_log lines go nowhere") {
  CHECK(!enabled(log_level::error));
  log(log_level::error, "nobody hears this");
  const log_file file;
  start_log(file.settings());
  CHECK(enabled(log_level::error));
  stop_log();
  CHECK(!enabled(log_level::error));
  log(log_level::error, "nor this");
  stop_log();
  CHECK(file.text().empty());
}

TEST_CASE("hostile text gives as many lines as events, each of them JSON") {
  const std::string_view hostile[] = {"plain",
                                      "a\nb",
                                      "a\r\nb",
                                      "\r",
                                      "\x1b[31m",
                                      "\x9b"
                                      "31m",
                                      "\u202etxt.exe",
                                      "\u2066\u2069",
                                      "\u2028",
                                      "\u2029",
                                      "\u0085",
                                      "a\0b"sv,
                                      "\0"sv,
                                      "\xff\xfe",
                                      "\xc0\x8a",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\"}\n{\"level\":\"error\"",
                                      "\\",
                                      "\\\\\"",
                                      "%n%s",
                                      "{}{0}",
                                      "\v\f\b\a",
                                      "\x7f"};
  std::vector<std::string> texts(std::begin(hostile), std::end(hostile));
  texts.emplace_back(10'000, 'x');
  texts.emplace_back(10'000, '\n');
  texts.emplace_back(10'000, '\xff');
  const log_file json_file;
  start_log(json_file.settings());
  for (const std::string& text : texts) {
    log(request_with(text));
    log(log_level::warning, text, {{"value", text}, {"number", std::int64_t{7}}, {"flag", true}});
  }
  stop_log();
  const std::vector<std::string> lines = json_file.lines();
  CHECK(lines.size() == 2 * texts.size());
  for (const std::string& one : lines) {
    CAPTURE(one);
    boost::json::error_code error;
    const boost::json::value parsed = boost::json::parse(one, error);
    CHECK(!error);
    CHECK(parsed.is_object());
  }

  const log_file text_file;
  start_log(text_file.settings(log_format::text));
  for (const std::string& text : texts)
    log(request_with(text));
  stop_log();
  CHECK(text_file.lines().size() == texts.size());
}

TEST_CASE("only lines of the level and above are written") {
  constexpr log_level levels[] = {log_level::debug, log_level::info, log_level::warning, log_level::error};
  for (const log_level least : levels) {
    const log_file file;
    log_settings settings = file.settings();
    settings.level = least;
    start_log(settings);
    for (const log_level level : levels) {
      CHECK(enabled(level) == (level >= least));
      log(level, "line");
    }
    stop_log();
    CHECK(file.lines().size() == 4U - static_cast<std::size_t>(least));
  }
}

TEST_CASE("health checks are written at debug level only") {
  for (const bool quiet : {false, true}) {
    const log_file file;
    start_log(file.settings());
    event request = request_with("1");
    request.quiet = quiet;
    log(request);
    stop_log();
    CHECK(file.lines().size() == (quiet ? 0U : 1U));
  }
}

TEST_CASE("requests refused as busy are summed up, a line a second") {
  constexpr std::size_t refused = 1000;
  const log_file file;
  log_settings settings = file.settings();
  settings.level = log_level::warning;
  start_log(settings);
  event request = request_with("1");
  request.status = 503;
  request.outcome = smsauth::core::to_string(smsauth::core::errc::busy);
  const auto began = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < refused; ++i)
    log(request);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - began).count();
  stop_log();
  const std::vector<std::string> lines = file.lines();
  CHECK(!lines.empty());
  CHECK(lines.size() <= static_cast<std::size_t>(seconds) + 2);
  std::int64_t told = 0;
  for (const std::string& one : lines) {
    const boost::json::object line = boost::json::parse(one).as_object();
    CHECK(line.at("level") == "warning");
    CHECK(line.at("event") == "overload");
    told += line.at("refused").as_int64();
  }
  CHECK(told == static_cast<std::int64_t>(refused));
}

TEST_CASE("four threads write whole lines, none lost") {
  constexpr int per_thread = 2000;
  const log_file file;
  log_settings settings = file.settings();
  settings.queue_lines = 4 * per_thread;
  const std::uint64_t lost_before = lost_log_lines();
  start_log(settings);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < per_thread; ++i)
        log(request_with(std::to_string(t) + "-" + std::to_string(i)));
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  stop_log();
  const std::vector<std::string> lines = file.lines();
  CHECK(lines.size() == 4 * per_thread);
  CHECK(lost_log_lines() == lost_before);
  for (const std::string& one : lines) {
    boost::json::error_code error;
    boost::json::parse(one, error);
    CHECK(!error);
  }
}

TEST_CASE("an existing file is appended to") {
  const log_file file;
  for (int i = 0; i < 2; ++i) {
    start_log(file.settings());
    log(log_level::info, "line");
    stop_log();
  }
  CHECK(file.lines().size() == 2);
}

TEST_CASE("a file that cannot be opened is told at the start") {
  log_settings settings;
  settings.file = "/nonexistent/smsauthd.log";
  CHECK_THROWS_AS(start_log(settings), std::system_error);
  CHECK(!enabled(log_level::error));
}

TEST_CASE("a blocked pipe or socket blocks nobody, and every line is either read or counted as lost") {
  constexpr int sent = 5000;
  for (const bool use_socket : {false, true}) {
    CAPTURE(use_socket);
    std::array<int, 2> ends{};
    REQUIRE((use_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) : pipe(ends.data())) == 0);
    const int saved_error_output = dup(STDERR_FILENO);
    log_settings settings;
    if (use_socket) {
      REQUIRE(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);  // as under systemd; a socket cannot be opened by path
    } else {
      settings = to_descriptor(ends[1]);
    }
    settings.queue_lines = 64;
    const std::uint64_t lost_before = lost_log_lines();
    start_log(settings);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < sent; ++i)
      log(request_with(std::string(200, 'i')));
    stop_log();  // nobody has read a byte yet
    const auto spent = std::chrono::steady_clock::now() - start;
    dup2(saved_error_output, STDERR_FILENO);
    close(saved_error_output);
    CHECK(spent < std::chrono::seconds(10));
    const std::uint64_t lost = lost_log_lines() - lost_before;
    CHECK(lost > 0);
    close(ends[1]);
    const std::string text = read_all(ends[0]);
    close(ends[0]);
    CHECK(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) == sent - lost);
  }
}

TEST_CASE("a slow reader gets every line that the queue can hold") {
  constexpr int sent = 3000;  // some 800 kB, far more than a pipe holds
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  log_settings settings = to_descriptor(ends[1]);
  settings.queue_lines = sent;
  const std::uint64_t lost_before = lost_log_lines();
  start_log(settings);
  for (int i = 0; i < sent; ++i)
    log(request_with(std::string(200, 'i')));
  close(ends[1]);
  std::string text;
  std::thread reader([&text, from = ends[0]] { text = read_all(from); });
  stop_log();
  reader.join();
  close(ends[0]);
  CHECK(lost_log_lines() == lost_before);
  CHECK(std::count(text.begin(), text.end(), '\n') == sent);
}

TEST_CASE("a reader that is gone costs lines, not the process") {
  constexpr int sent = 100;
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const std::uint64_t lost_before = lost_log_lines();
  start_log(to_descriptor(ends[1]));
  close(ends[0]);
  for (int i = 0; i < sent; ++i)
    log(request_with("1"));
  stop_log();
  close(ends[1]);
  CHECK(lost_log_lines() - lost_before == sent);
}

TEST_CASE("a full disk costs lines, not the process") {
  constexpr int sent = 100;
  log_settings settings;
  settings.file = "/dev/full";
  const std::uint64_t lost_before = lost_log_lines();
  start_log(settings);
  for (int i = 0; i < sent; ++i)
    log(request_with("1"));
  stop_log();
  CHECK(lost_log_lines() - lost_before == sent);
}

TEST_CASE("when a full disk has room again, lines are whole again") {
  const log_file file;
  rlimit saved{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &saved) == 0);
  rlimit small = saved;
  small.rlim_cur = 1000;  // bytes: ends inside a line
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::uint64_t lost_before = lost_log_lines();
  start_log(file.settings());
  constexpr std::uint64_t sent_before = 50;
  constexpr std::size_t sent_after = 3;
  for (std::uint64_t i = 0; i < sent_before; ++i)
    log(request_with("before"));
  const auto whole_lines = [&file] {
    const std::string text = file.text();
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  };
  while (lost_log_lines() - lost_before + whole_lines() < sent_before)
    std::this_thread::yield();
  REQUIRE(setrlimit(RLIMIT_FSIZE, &saved) == 0);
  const std::uint64_t whole_before = whole_lines();
  CHECK(whole_before > 0);
  CHECK(file.text().size() == 1000);
  CHECK(file.text().back() != '\n');
  for (std::size_t i = 0; i < sent_after; ++i)
    log(request_with("after"));
  stop_log();
  CHECK(lost_log_lines() - lost_before == sent_before - whole_before);
  const std::vector<std::string> lines = file.lines();
  REQUIRE(lines.size() == whole_before + 1 + sent_after);  // 1: the torn one
  for (std::size_t i = 0; i < lines.size(); ++i) {
    boost::json::error_code error;
    boost::json::parse(lines[i], error);
    CHECK(error.failed() == (i == whole_before));
  }
}
