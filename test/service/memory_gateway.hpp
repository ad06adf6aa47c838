// A gateway that keeps what it was given, and answers as it was told to.
#pragma once

#include "sms/gateway.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace smsauth::test {

class memory_gateway final : public sms::gateway {
 public:
  enum class mood : std::uint8_t { accepts, refuses, refuses_for_now, says_nothing };

  std::string_view name() const noexcept override { return "memory"; }
  bool local() const noexcept override { return true; }
  sms::awaitable<sms::outcome> send(const sms::message& what) override {
    {
      const std::scoped_lock lock(mutex_);
      messages_.push_back(what);
    }
    switch (mood_.load()) {
      case mood::accepts:
        co_return sms::outcome::accepted(what.id);
      case mood::refuses:
        co_return sms::outcome::rejected(sms::rejection::bad_number, "E1");
      case mood::refuses_for_now:
        co_return sms::outcome::rejected(sms::rejection::retry_later, "E2");
      case mood::says_nothing:
        break;
    }
    co_return sms::outcome::unknown();
  }

  bool refuses() const { return mood_.load() == mood::refuses; }
  void be(mood next) { mood_ = next; }
  std::size_t count() const {
    const std::scoped_lock lock(mutex_);
    return messages_.size();
  }
  /// In the order of their sending.
  std::vector<sms::message> messages() const {
    const std::scoped_lock lock(mutex_);
    return messages_;
  }
  std::vector<sms::message> messages_to(std::string_view phone) const {
    std::vector<sms::message> found;
    for (sms::message& each : messages()) {
      if (each.to == phone) found.push_back(std::move(each));
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<sms::message> messages_;
  std::atomic<mood> mood_{mood::accepts};
};

}  // namespace smsauth::test
