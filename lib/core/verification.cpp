#include "core/verification.hpp"

#include <algorithm>
#include <array>

namespace smsauth::core {

namespace {

// The head of every public list of leaked passwords that an 8-character rule lets through.
constexpr std::array<std::string_view, 44> well_known_passwords{
    "12345678",   "123456789", "1234567890", "password",  "password1", "qwertyui", "qwerty123", "11111111",
    "88888888",   "66666666",  "00000000",   "87654321",  "1q2w3e4r",  "1qaz2wsx", "abc12345",  "abcd1234",
    "iloveyou",   "sunshine",  "princess",   "football",  "baseball",  "superman", "trustno1",  "woaini1314",
    "5201314520", "a1234567",  "a12345678",  "aa123456",  "q1w2e3r4",  "asdfghjk", "zxcvbnm1",  "qazwsxedc",
    "123123123",  "12341234",  "11223344",   "147258369", "987654321", "99999999", "asdf1234",  "admin123",
    "smsauthd",   "welcome1",  "p@ssw0rd",   "passw0rd",
};

constexpr std::int64_t endless_ttl_seconds = 365LL * 24 * 3600;  // "no limit" of profile dev

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool well_known(std::string_view password, std::string_view phone_e164) {
  const std::string lower = lower_case(password);
  if (std::find(well_known_passwords.begin(), well_known_passwords.end(), lower) != well_known_passwords.end())
    return true;
  const std::string_view digits = phone_e164.substr(phone_e164.empty() ? 0 : 1);
  return password.size() >= 7 && (digits.ends_with(password) || password.ends_with(digits));
}

}  // namespace

code_times times_for(dialect which, const code_limits& limits) noexcept {
  const bool smssend = which == dialect::smssend;
  const std::int64_t ttl = smssend ? limits.smssend_ttl_seconds : limits.ttl_seconds;
  return {ttl == 0 ? endless_ttl_seconds : ttl,
          smssend ? limits.smssend_resend_gap_seconds : limits.resend_gap_seconds};
}

failure explain_send_refusal(const phone_quota& quota, epoch_ms now, std::int64_t gap_seconds,
                             const code_limits& limits) noexcept {
  // The longest wait is the honest one: after the gap alone the day's cap would still refuse.
  failure why = errc::internal;
  const auto refuse = [&](errc code, epoch_ms until) {
    const std::int64_t wait = seconds_until(until, now);
    if (wait > why.retry_after_seconds) why = failure(code, wait);
  };
  if (quota.sent_at > now - gap_seconds * ms_per_second)
    refuse(errc::send_too_soon, quota.sent_at + gap_seconds * ms_per_second);
  if (quota.hour_started_at > now - ms_per_hour && quota.hour_sends >= cap_or_none(limits.phone_sends_per_hour)) {
    refuse(errc::send_limited, quota.hour_started_at + ms_per_hour);
  }
  if (quota.day_started_at > now - ms_per_day && quota.day_sends >= cap_or_none(limits.phone_sends_per_day)) {
    refuse(errc::send_limited, quota.day_started_at + ms_per_day);
  }
  return why;
}

failure explain_try_refusal(const phone_quota& quota, epoch_ms now, const code_limits& limits) noexcept {
  if (quota.wrong_started_at > now - ms_per_day && quota.wrong_tries >= cap_or_none(limits.wrong_tries_per_day)) {
    return {errc::phone_locked, seconds_until(quota.wrong_started_at + ms_per_day, now)};
  }
  return errc::wrong_code;
}

std::string mac_input(std::string_view phone, purpose why, std::string_view owner, std::string_view code) {
  std::string out;
  out.reserve(80);
  for (const std::string_view part : {phone, to_string(why), owner, code}) {
    out += std::to_string(part.size());
    out += ':';
    out += part;
  }
  return out;
}

std::int64_t password_delay_seconds(std::int64_t failures, const password_limits& limits) noexcept {
  if (failures <= limits.free_failures) return 0;
  std::int64_t delay = limits.first_delay_seconds;
  for (std::int64_t n = limits.free_failures + 1; n < failures && delay < limits.max_delay_seconds; ++n)
    delay *= 2;
  return std::min(delay, limits.max_delay_seconds);
}

bool password_allowed(std::string_view password, std::string_view phone_e164, dialect where,
                      const password_limits& limits) {
  const bool v4 = where == dialect::v4;
  const std::size_t length = code_points(password);
  if (length < (v4 ? limits.v4_min_length : limits.min_length)) return false;
  if (length > (v4 ? limits.v4_max_length : limits.max_length)) return false;
  return !limits.blocklist || !well_known(password, phone_e164);
}

bool pay_password_allowed(std::string_view digits) noexcept {
  return digits.size() == 6 && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace smsauth::core
