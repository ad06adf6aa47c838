#include "service/review_numbers.hpp"

#include "sms/wire_time.hpp"

#include <algorithm>
#include <stdexcept>

namespace smsauth::service {

namespace {

constexpr std::size_t code_digits = 6;  // core::verification's codes

bool is_code(std::string_view text) {
  return text.size() == code_digits && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void review_numbers::add(std::string_view number, std::string_view rule) {
  constexpr std::string_view until = " until ";
  const auto phone = core::stored_phone(number);
  if (!phone || phone->e164() != number)
    throw std::invalid_argument("expected a number in E.164, such as +8613800138000");
  const auto at = rule.find(until);
  const std::string_view code = rule.substr(0, at);
  const std::string day(at == std::string_view::npos ? std::string_view() : rule.substr(at + until.size()));
  const auto begins = sms::parse_time(day + " 00:00:00", 0);
  if (!is_code(code) || !begins)
    throw std::invalid_argument("expected CODE until YYYY-MM-DD, the code being six digits without a 0 in front");
  if (numbers_.size() >= max_numbers) throw std::invalid_argument("expected at most 20 numbers");
  numbers_[std::string(number)] = {std::string(code), *begins + core::ms_per_day};
}

const std::string* review_numbers::code_for(const core::phone_number& number, core::epoch_ms now) const {
  const auto found = numbers_.find(number.e164());
  return found == numbers_.end() || found->second.ends_at <= now ? nullptr : &found->second.code;
}

}  // namespace smsauth::service
