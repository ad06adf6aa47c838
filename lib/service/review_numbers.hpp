// Numbers of app-store reviewers: a fixed code until a day, never sent. Exact numbers only; each use is in the log.
#pragma once

#include "core/phone_number.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace smsauth::service {

class review_numbers {
 public:
  /// More would be a back door rather than a review.
  static constexpr std::size_t max_numbers = 20;

  /// `number` as E.164, `rule` as "CODE until YYYY-MM-DD": six digits, the first not 0, good through that day in UTC.
  /// Throws std::invalid_argument with one line that holds neither.
  void add(std::string_view number, std::string_view rule);

  /// The fixed code of that number, or nullptr: not one of them, or its day is over.
  const std::string* code_for(const core::phone_number& number, core::epoch_ms now) const;
  bool empty() const noexcept { return numbers_.empty(); }

 private:
  struct entry {
    std::string code;
    core::epoch_ms ends_at = 0;
  };
  std::map<std::string, entry, std::less<>> numbers_;
};

}  // namespace smsauth::service
