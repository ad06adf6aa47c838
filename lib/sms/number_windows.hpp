// What a vendor allows one number: so many messages in so many seconds, in several windows. Known ahead, so that a call
// that must fail is not made. Kept in memory by each node: after a restart the vendor's own refusal tells.
#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace smsauth::sms {

struct number_window {
  std::int64_t messages = 1;
  std::int64_t seconds = 60;
  friend bool operator==(const number_window&, const number_window&) = default;
};

/// "1/60,5/3600,10/86400"; "" = none. Nothing for anything else: each from 1 to 1000 messages in 1 s to 30 days, at
/// most 4 windows.
std::optional<std::vector<number_window>> parse_number_windows(std::string_view text);

class number_windows {
 public:
  /// Numbers kept at once; beyond them the one that was first used goes; about 100 bytes each.
  static constexpr std::size_t capacity = 200'000;

  explicit number_windows(std::vector<number_window> windows) : windows_(std::move(windows)) {}

  /// May one more message go to `number`? Does not count it.
  bool allows(std::string_view number, core::epoch_ms now) const;
  /// The vendor took one, or may have.
  void count(std::string_view number, core::epoch_ms now);

 private:
  std::vector<number_window> windows_;
  std::unordered_map<std::string, std::deque<core::epoch_ms>> sent_;
  std::deque<std::string> order_;  ///< of first use; the front goes first
};

}  // namespace smsauth::sms
