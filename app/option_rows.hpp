// The rows of the options table by group, and the builders they are written with. Only options_table.cpp and the files
// of the rows need this.
#pragma once

#include "app/options_table.hpp"

#include <span>
#include <string_view>

namespace smsauth::app {

// option_rows_server.cpp: how the server runs.
std::span<const option> process_rows() noexcept;
std::span<const option> listener_rows() noexcept;
std::span<const option> database_rows() noexcept;
std::span<const option> sending_rows() noexcept;
std::span<const option> request_rows() noexcept;
std::span<const option> log_rows() noexcept;
// option_rows_rules.cpp: what it allows.
std::span<const option> code_rows() noexcept;
std::span<const option> password_rows() noexcept;
std::span<const option> account_rows() noexcept;
std::span<const option> session_rows() noexcept;
std::span<const option> dialect_rows() noexcept;

/// A number with the same range in every profile.
constexpr option number(std::string_view name, std::string_view unit, value_range range, profile_defaults defaults,
                        integer_setter set, std::string_view help, std::string_view zero = "") {
  return {name, option_kind::integer, unit, range, range, defaults, false, zero, set, help};
}

/// A rule of the product: in profile dev anything from 1, and 0 = no limit.
constexpr option limit(std::string_view name, std::string_view unit, value_range range, profile_defaults defaults,
                       integer_setter set, std::string_view help, std::int64_t dev_max = 1'000'000'000) {
  return {name, option_kind::integer, unit, range, {0, dev_max}, defaults, false, "no limit", set, help};
}

/// A rule that 0 would make meaningless: in profile dev anything from 1.
constexpr option positive(std::string_view name, std::string_view unit, value_range range, profile_defaults defaults,
                          integer_setter set, std::string_view help) {
  return {name, option_kind::integer, unit, range, {1, range.max}, defaults, false, "", set, help};
}

constexpr option choice(std::string_view name, std::string_view choices, profile_defaults defaults, setter set,
                        std::string_view help) {
  return {name, option_kind::choice, choices, {}, {}, defaults, false, "", set, help};
}

constexpr option one(option_kind kind, std::string_view name, std::string_view form, profile_defaults defaults,
                     text_setter set, std::string_view help) {
  return {name, kind, form, {}, {}, defaults, false, "", set, help};
}

/// Text that profiles standard and strict have no default for.
constexpr option required(option_kind kind, std::string_view name, std::string_view form, const char* dev_default,
                          text_setter set, std::string_view help) {
  return {name, kind, form, {}, {}, {dev_default, ""}, true, "", set, help};
}

}  // namespace smsauth::app
