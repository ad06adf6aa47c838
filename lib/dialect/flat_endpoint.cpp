#include "dialect/flat_endpoint.hpp"

#include <algorithm>

namespace smsauth::dialect {

using core::errc;

namespace {

constexpr int mainland_country_code = 86;
constexpr std::size_t max_phone_bytes = 32;

bool is_continuation(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;  // of a UTF-8 sequence
}

bool is_control(char byte) noexcept {
  return static_cast<unsigned char>(byte) < 0x20U || byte == '\x7F';
}

bool is_spelled_like_a_number(std::string_view text) noexcept {
  return text.size() <= max_phone_bytes && text.find_first_not_of("+0123456789 -") == std::string_view::npos;
}

}  // namespace

service::caller flat_endpoint::caller_of(const http::request& request) const {
  return {dialect, request.client.text(), request.client.limit_key(), request.header("User-Agent").value_or(""),
          *request.event};
}

http::handler bind_endpoint(const flat_endpoint& on, flat_handler serve) {
  return [on, serve](http::request& request) { return serve(on, request); };
}

std::function<bool()> takes_sends(const flat_endpoint& on) {
  return [&services = on.services] { return services.takes_sends(); };
}

core::result<std::string_view> stored_text(const fields& input, std::string_view name, std::size_t max_length) {
  const auto value = input.text(name);
  if (!value) return value.error();
  const std::string_view text = value->value_or("");
  const auto continuations = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
  if (text.size() - continuations > max_length || std::any_of(text.begin(), text.end(), is_control)) {
    return core::failure(errc::invalid_field, name);
  }
  return text;
}

core::result<core::phone_number> read_phone(std::string_view text, std::string_view country_code,
                                            const service::settings& config) {
  if (!is_spelled_like_a_number(text) || !is_spelled_like_a_number(country_code)) return errc::malformed_request;
  return core::parse_phone(text, country_code, config.default_country_code, config.phones);
}

core::result<core::phone_number> read_mainland_phone(std::string_view text, const service::settings& config) {
  if (!is_spelled_like_a_number(text)) return errc::malformed_request;
  auto phone = core::parse_phone(text, mainland_country_code, config.phones);
  if (phone && phone->country_code() != mainland_country_code) return errc::invalid_phone;
  return phone;
}

}  // namespace smsauth::dialect
