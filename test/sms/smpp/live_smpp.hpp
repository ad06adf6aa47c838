// A gateway as make_smpp makes it, on an event loop that a test turns by hand.
#pragma once

#include "sms/gateways/smpp.hpp"
#include "sms/section.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace smsauth::test {

/// Plain, to this port of the loopback, with time-outs that only a broken test reaches; `more` overrides.
inline std::map<std::string, std::string> smpp_keys(const std::string& port,
                                                    const std::map<std::string, std::string>& more = {}) {
  std::map<std::string, std::string> keys = more;
  keys.insert({{"host", "127.0.0.1"},
               {"port", port},
               {"system-id", "esme1"},
               {"password", "secret08"},
               {"source", "Example"},
               {"connect-timeout-ms", "20000"},
               {"response-timeout-ms", "20000"}});
  return keys;
}

class live_smpp {
 public:
  using reply = std::shared_ptr<std::optional<sms::outcome>>;

  explicit live_smpp(const std::map<std::string, std::string>& keys) {
    sms::section section("smpp1", keys);
    gateway_ = sms::make_smpp(section, where_, [this](std::string_view name, std::vector<sms::receipt> told) {
      if (name != "smpp1") throw std::logic_error("a receipt of another gateway");
      if (std::exchange(fail_once, false)) throw std::runtime_error("a sink that breaks its promise");
      receipts.insert(receipts.end(), told.begin(), told.end());
    });
    section.done();
    gateway_->start();
  }

  /// Turns the loop until that holds. Throws when it does not come about.
  template <class Predicate>
  void run_until(Predicate holds) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("it did not come about");
      if (where_.stopped()) where_.restart();
      where_.run_one_for(std::chrono::milliseconds(2));
    }
  }

  /// Begins to send; the reply is there when the loop was turned enough.
  reply begin(const std::string& text, const std::string& to = "+8613800138000", core::epoch_ms deadline = 0) {
    auto what = std::make_shared<sms::message>();
    what->to = to;
    what->text = text;
    what->deadline = deadline;
    auto got = std::make_shared<std::optional<sms::outcome>>();
    boost::asio::co_spawn(where_, gateway_->send(*what), [what, got](std::exception_ptr thrown, sms::outcome result) {
      if (thrown) std::rethrow_exception(thrown);
      *got = std::move(result);
    });
    return got;
  }

  sms::outcome send(const std::string& text, const std::string& to = "+8613800138000", core::epoch_ms deadline = 0) {
    const reply got = begin(text, to, deadline);
    run_until([&] { return got->has_value(); });
    return **got;
  }

  void begin_stop() {
    boost::asio::co_spawn(where_, gateway_->stop(), [this](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
      stopped_ = true;
    });
  }
  void stop() {
    begin_stop();
    run_until([&] { return stopped(); });
  }
  bool stopped() const noexcept { return stopped_; }
  /// Nothing is left that the loop would wait for.
  bool idle() {
    where_.restart();
    where_.poll();
    return where_.stopped();
  }
  sms::gateway& gateway() noexcept { return *gateway_; }

  std::vector<sms::receipt> receipts;
  bool fail_once = false;  ///< the sink, at the next receipt

 private:
  boost::asio::io_context where_{1};
  std::unique_ptr<sms::gateway> gateway_;
  bool stopped_ = false;
};

}  // namespace smsauth::test
