// Whole flows in a closed loop: ask for a code, read it from the server's spool, log in with it, which makes the
// account; then the same with the next number.
//
//   flow_load --port N --seconds S --spool FILE --first POSITION [--connections N] [--flows N]
//
// Ends after S seconds, or as soon as N flows are done. Prints one JSON object; "next" is a position that was not used.
#include "load/arguments.hpp"
#include "load/client_pool.hpp"
#include "load/discuz_requests.hpp"
#include "load/latency.hpp"
#include "load/phone_sequence.hpp"
#include "load/spool_reader.hpp"

#include <cstdio>
#include <exception>
#include <limits>

namespace {

using namespace smsauth::load;

constexpr int sent_status = 201;
constexpr int logged_in_status = 200;
constexpr std::chrono::seconds answer_wait{10};  // for what is unanswered at the end
constexpr std::chrono::microseconds wait{1'000};

class run final : public reply_handler {
 public:
  explicit run(const arguments& given)
      : spool_(given.text("spool")),
        seconds_(given.number("seconds", 5)),
        most_flows_(given.whole("flows", std::numeric_limits<std::size_t>::max())),
        position_(given.whole("first", 0)),
        states_(given.whole("connections", 64)),
        pool_(static_cast<std::uint16_t>(given.whole("port", 0)), states_.size(), *this) {}

  void go() {
    const auto began = clock::now();
    const auto end = began + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds_));
    for (std::size_t i = 0; i < pool_.size(); ++i)
      begin_flow(i);
    while (clock::now() < end && flows_ < most_flows_)
      pool_.poll(wait);
    taken_ = clock::now() - began;
    flows_in_time_ = flows_;
    ending_ = true;
    while (pool_.unanswered() > 0 && clock::now() < end + answer_wait)
      pool_.poll(wait);
  }

  void replied(std::size_t connection, const reply& what) override {
    state& at = states_[connection];
    if (!at.sent && what.status == sent_status) {
      sends_.add(what.taken);
      const std::string_view code = spool_.take(at.phone);
      if (code.empty()) {
        ++without_code_;
        return begin_flow(connection);
      }
      if (ending_) return;
      at.sent = true;
      pool_.ask(connection, login_.with(at.phone, code));
      return;
    }
    if (at.sent && what.status == logged_in_status) {
      logins_.add(what.taken);
      ++flows_;
    } else {
      ++failed_;
    }
    begin_flow(connection);
  }

  void lost(std::size_t connection, std::size_t /*unanswered*/) override {
    ++lost_;
    begin_flow(connection);
  }

  // The rate counts what was done in time; "flows" also the few answered after it, as the server's CPU time does.
  void print() const {
    const double seconds = std::chrono::duration<double>(taken_).count();
    std::printf(
        "{\"seconds\":%.4f,\"flows\":%llu,\"sends\":%llu,\"rate\":%.1f,\"send_p50_us\":%llu,\"send_p99_us\":%llu,"
        "\"login_p50_us\":%llu,\"login_p99_us\":%llu,\"failed\":%llu,\"without_code\":%llu,"
        "\"lost_connections\":%llu,\"unanswered\":%zu,\"next\":%llu}\n",
        seconds, number(flows_), number(sends_.count()), static_cast<double>(flows_in_time_) / seconds,
        number(sends_.percentile(50)), number(sends_.percentile(99)), number(logins_.percentile(50)),
        number(logins_.percentile(99)), number(failed_), number(without_code_), number(lost_), pool_.unanswered(),
        number(position_));
  }

 private:
  struct state {
    std::uint64_t phone = 0;
    bool sent = false;
  };

  static unsigned long long number(std::uint64_t value) noexcept { return value; }

  void begin_flow(std::size_t connection) {
    if (ending_) return;
    states_[connection] = {phone_at(position_++), false};
    pool_.ask(connection, send_.to(states_[connection].phone));
  }

  spool_reader spool_;
  double seconds_;
  std::size_t most_flows_;
  std::uint64_t position_;
  std::vector<state> states_;
  client_pool pool_;
  send_request send_;
  login_request login_;
  clock::duration taken_{};
  latencies sends_;
  latencies logins_;
  std::uint64_t flows_ = 0;
  std::uint64_t flows_in_time_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t without_code_ = 0;
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
    std::fprintf(stderr, "flow_load: %s\n", error.what());
    return 1;
  }
}
