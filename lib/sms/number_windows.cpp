#include "sms/number_windows.hpp"

#include <algorithm>
#include <charconv>

namespace smsauth::sms {

namespace {

constexpr std::size_t max_windows = 4;
constexpr std::int64_t max_messages = 1'000;
constexpr std::int64_t max_seconds = 30 * 86'400;

std::optional<std::int64_t> number_of(std::string_view text, std::int64_t max) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > max) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::vector<number_window>> parse_number_windows(std::string_view text) {
  std::vector<number_window> all;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view one = text.substr(0, comma);
    const std::size_t slash = one.find('/');
    if (slash == std::string_view::npos || all.size() == max_windows) return std::nullopt;
    const auto messages = number_of(one.substr(0, slash), max_messages);
    const auto seconds = number_of(one.substr(slash + 1), max_seconds);
    if (!messages || !seconds) return std::nullopt;
    all.push_back({*messages, *seconds});
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return std::nullopt;
  }
  return all;
}

bool number_windows::allows(std::string_view number, core::epoch_ms now) const {
  if (windows_.empty()) return true;
  const auto found = sent_.find(std::string(number));
  if (found == sent_.end()) return true;
  return std::all_of(windows_.begin(), windows_.end(), [&](const number_window& window) {
    const core::epoch_ms since = now - window.seconds * core::ms_per_second;
    const auto recent =
        std::count_if(found->second.begin(), found->second.end(), [since](core::epoch_ms at) { return at > since; });
    return recent < window.messages;
  });
}

void number_windows::count(std::string_view number, core::epoch_ms now) {
  if (windows_.empty()) return;
  const auto [at, added] = sent_.try_emplace(std::string(number));
  if (added) order_.emplace_back(number);
  at->second.push_back(now);
  std::int64_t most = 0;
  for (const number_window& window : windows_)
    most = std::max(most, window.messages);
  while (static_cast<std::int64_t>(at->second.size()) > most)
    at->second.pop_front();
  while (sent_.size() > capacity) {
    sent_.erase(order_.front());
    order_.pop_front();
  }
}

}  // namespace smsauth::sms
