// How a row of the options table writes its value: small functions made from the path of members to the field.
#pragma once

#include "app/options_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace smsauth::app {

/// The field at the end of a path: field<&settings::service, &service::settings::codes, …>(s). A fold over operator .*
template <auto... Path>
constexpr auto& field(settings& s) noexcept {
  return (s.*....*Path);
}

/// The range of the row keeps the value inside the field's type.
template <auto... Path>
void put_integer(settings& s, std::int64_t value) {
  field<Path...>(s) = static_cast<std::remove_reference_t<decltype(field<Path...>(s))>>(value);
}

/// Seconds in the configuration, milliseconds in the struct.
template <auto... Path>
void put_seconds_as_ms(settings& s, std::int64_t seconds) {
  field<Path...>(s) = seconds * core::ms_per_second;
}

template <auto... Path>
void put_flag(settings& s, bool value) {
  field<Path...>(s) = value;
}

/// The choices of the row stand in the order of the enumerators (for a bool: false|true).
template <auto... Path>
void put_choice(settings& s, std::size_t index) {
  field<Path...>(s) = static_cast<std::remove_reference_t<decltype(field<Path...>(s))>>(index);
}

/// Choices "on|off".
template <auto... Path>
void put_on_off(settings& s, std::size_t index) {
  field<Path...>(s) = index == 0;
}

template <auto... Path>
bool put_text(settings& s, std::string_view value) {
  field<Path...>(s) = value;
  return true;
}

/// Text that `Check` accepts. With `OrEmpty` the empty text is taken as well.
template <auto Check, bool OrEmpty, auto... Path>
bool put_checked(settings& s, std::string_view value) {
  if (!(OrEmpty && value.empty()) && !Check(value)) return false;
  field<Path...>(s) = value;
  return true;
}

/// One element of a list.
template <auto Check, auto... Path>
bool add_checked(settings& s, std::string_view value) {
  if (!Check(value)) return false;
  field<Path...>(s).emplace_back(value);
  return true;
}

}  // namespace smsauth::app
