// The same requests again and again, or sends to fresh numbers; closed loop (each connection asks as soon as it is
// answered) or open loop (--rate: as many a second as it is told, whether the server keeps up or not).
//
//   request_load --port N --seconds S [--connections N] [--pipeline N] [--rate N]
//                (--requests FILE | --sends-from POSITION)
//
// FILE holds raw HTTP requests one after the other; connection i asks for the i-th of them, round and round.
// Prints one JSON object.
#include "load/arguments.hpp"
#include "load/client_pool.hpp"
#include "load/discuz_requests.hpp"
#include "load/latency.hpp"
#include "load/phone_sequence.hpp"

#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

namespace {

using namespace smsauth::load;
using std::chrono::microseconds;

constexpr int unavailable = 503;
constexpr std::chrono::seconds answer_wait{10};  // for what is unanswered at the end
constexpr microseconds closed_loop_wait{1'000};
constexpr microseconds open_loop_wait{200};

std::vector<std::string> requests_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  constexpr std::string_view length_field = "Content-Length: ";
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t head_end = all.find("\r\n\r\n", begin);
    if (head_end == std::string::npos) throw std::runtime_error("a request without an end in " + path);
    std::size_t body = 0;
    const std::size_t at = all.find(length_field, begin);
    if (at < head_end) std::from_chars(&all[at + length_field.size()], &all[head_end], body);
    const std::size_t end = head_end + 4 + body;
    found.push_back(all.substr(begin, end - begin));
    begin = end;
  }
  if (found.empty()) throw std::runtime_error("no request in " + path);
  return found;
}

// What is asked next on a connection.
class request_source {
 public:
  explicit request_source(const arguments& given) {
    if (given.has("requests")) {
      fixed_ = requests_in(given.text("requests"));
    } else {
      position_ = given.whole("sends-from", 0);
    }
  }

  std::string_view next(std::size_t connection) {
    if (!fixed_.empty()) return fixed_[connection % fixed_.size()];
    return send_.to(phone_at(position_++));
  }

 private:
  std::vector<std::string> fixed_;
  std::uint64_t position_ = 0;
  send_request send_;
};

class run final : public reply_handler {
 public:
  explicit run(const arguments& given)
      : source_(given),
        seconds_(given.number("seconds", 5)),
        pipeline_(given.whole("pipeline", 1)),
        rate_(given.number("rate", 0)),
        pool_(static_cast<std::uint16_t>(given.whole("port", 0)), given.whole("connections", 64), *this) {}

  void go() {
    began_ = clock::now();
    const auto end = began_ + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds_));
    if (rate_ > 0) {
      open_loop(end);
    } else {
      for (std::size_t i = 0; i < pool_.size(); ++i)
        ask(i, pipeline_, began_);
      while (clock::now() < end)
        pool_.poll(closed_loop_wait);
    }
    taken_ = clock::now() - began_;
    answered_in_time_ = served_.count() + refused_.count();
    served_in_time_ = served_.count();
    ending_ = true;
    while (pool_.unanswered() > 0 && clock::now() < end + answer_wait)
      pool_.poll(closed_loop_wait);
  }

  void replied(std::size_t connection, const reply& what) override {
    ++statuses_[what.status];
    if (what.status == unavailable) {
      refused_.add(what.taken);
      if (!what.has_retry_after) ++without_retry_after_;
    } else {
      served_.add(what.taken);
    }
    again(connection, 1);
  }

  void lost(std::size_t connection, std::size_t unanswered) override {
    ++lost_;
    again(connection, unanswered);
  }

  void print() const {
    const double seconds = std::chrono::duration<double>(taken_).count();
    std::printf(
        "{\"seconds\":%.4f,\"requests\":%llu,\"rate\":%.1f,\"served_rate\":%.1f,\"p50_us\":%llu,"
        "\"p99_us\":%llu,\"refused\":%llu,\"refused_p50_us\":%llu,\"refused_p99_us\":%llu,"
        "\"refused_max_us\":%llu,\"without_retry_after\":%llu,"
        "\"unsent\":%llu,\"lost_connections\":%llu,\"unanswered\":%zu,\"statuses\":{",
        seconds, number(served_.count() + refused_.count()), static_cast<double>(answered_in_time_) / seconds,
        static_cast<double>(served_in_time_) / seconds, number(served_.percentile(50)), number(served_.percentile(99)),
        number(refused_.count()), number(refused_.percentile(50)), number(refused_.percentile(99)),
        number(refused_.percentile(100)), number(without_retry_after_), number(unsent_), number(lost_),
        pool_.unanswered());
    const char* separator = "";
    for (const auto& [status, count] : statuses_) {
      std::printf("%s\"%d\":%llu", separator, status, number(count));
      separator = ",";
    }
    std::puts("}}");
  }

 private:
  static unsigned long long number(std::uint64_t value) noexcept { return value; }

  void ask(std::size_t connection, std::size_t count, clock::time_point asked) {
    for (std::size_t i = 0; i < count; ++i)
      pool_.ask(connection, source_.next(connection), asked);
  }

  void again(std::size_t connection, std::size_t count) {
    if (ending_ || count == 0) return;
    if (rate_ > 0) {
      free_.push_back(connection);
    } else {
      ask(connection, count, clock::now());
    }
  }

  // A request is late from the moment it was due. One that finds no free connection is counted, not asked.
  void open_loop(clock::time_point end) {
    for (std::size_t i = 0; i < pool_.size(); ++i)
      free_.push_back(i);
    std::uint64_t due_count = 0;
    for (auto now = clock::now(); now < end; now = clock::now()) {
      const auto due_until = static_cast<std::uint64_t>(std::chrono::duration<double>(now - began_).count() * rate_);
      for (; due_count < due_until; ++due_count) {
        if (free_.empty()) {
          ++unsent_;
          continue;
        }
        const auto due = began_ + std::chrono::duration_cast<clock::duration>(
                                      std::chrono::duration<double>(static_cast<double>(due_count) / rate_));
        const std::size_t connection = free_.front();
        free_.pop_front();
        ask(connection, 1, due);
      }
      pool_.poll(open_loop_wait);
    }
  }

  request_source source_;
  double seconds_;
  std::size_t pipeline_;
  double rate_;
  client_pool pool_;
  clock::time_point began_;
  clock::duration taken_{};
  std::deque<std::size_t> free_;
  std::map<int, std::uint64_t> statuses_;
  latencies served_;
  latencies refused_;
  std::uint64_t answered_in_time_ = 0;
  std::uint64_t served_in_time_ = 0;
  std::uint64_t without_retry_after_ = 0;
  std::uint64_t unsent_ = 0;
  std::uint64_t lost_ = 0;
  bool ending_ = false;
};

}  // namespace

int main(int count, char** words) {
  try {
    raise_file_limit();
    run one(arguments(count, words));
    one.go();
    one.print();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "request_load: %s\n", error.what());
    return 1;
  }
}
