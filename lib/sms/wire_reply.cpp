#include "sms/wire_reply.hpp"

#include "sms/wire_code.hpp"

#include <algorithm>

namespace smsauth::sms {

namespace {

constexpr unsigned unauthorized = 401;
constexpr unsigned forbidden = 403;
constexpr unsigned too_many_requests = 429;
constexpr unsigned server_error = 500;
constexpr std::string_view mainland = "+86";
constexpr std::size_t mainland_digits = 11;

const code_class* find_class(std::span<const code_class> table, std::string_view code) {
  for (const code_class& row : table) {
    const bool whole = !row.code.ends_with('*');
    if (whole ? code == row.code : code.starts_with(row.code.substr(0, row.code.size() - 1))) return &row;
  }
  return nullptr;
}

}  // namespace

rejection classify(std::span<const code_class> table, std::string_view code) {
  const code_class* const row = find_class(table, code);
  return row == nullptr ? rejection::permanent : row->why;
}

outcome refused(std::span<const code_class> table, std::string_view code, unsigned status) {
  std::string safe = wire_code(code);
  const code_class* const row = find_class(table, code);
  if (row != nullptr) return outcome::rejected(row->why, std::move(safe));
  if (status >= server_error) return outcome::unknown(std::move(safe));
  if (status == unauthorized || status == forbidden) return outcome::rejected(rejection::auth_config, std::move(safe));
  if (status == too_many_requests) return outcome::rejected(rejection::retry_later, std::move(safe));
  return outcome::rejected(rejection::permanent, std::move(safe));
}

outcome unreadable(unsigned status) {
  std::string code = "http_" + std::to_string(status);
  if (status == too_many_requests) return outcome::rejected(rejection::retry_later, std::move(code));
  return outcome::unknown(std::move(code));
}

std::string bare_number(std::string_view e164) {
  return std::string(e164.substr(e164.starts_with(mainland) ? mainland.size() : 1));
}

std::string e164_of(std::string_view bare) {
  if (bare.empty() || bare.front() == '+') return std::string(bare);
  const bool digits = std::all_of(bare.begin(), bare.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool home = digits && bare.size() == mainland_digits && bare[0] == '1' && bare[1] >= '3';
  return std::string(home ? mainland : "+").append(bare);
}

}  // namespace smsauth::sms
