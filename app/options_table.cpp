#include "app/options_table.hpp"

#include "app/option_rows.hpp"

#include <array>

namespace smsauth::app {

std::span<const option_group> option_groups() noexcept {
  static const std::array groups{
      option_group{"Process", process_rows()},   option_group{"Listeners", listener_rows()},
      option_group{"Database", database_rows()}, option_group{"Sending", sending_rows()},
      option_group{"Codes", code_rows()},        option_group{"Passwords", password_rows()},
      option_group{"Accounts", account_rows()},  option_group{"Sessions", session_rows()},
      option_group{"Dialects", dialect_rows()},  option_group{"Requests", request_rows()},
      option_group{"Log", log_rows()},
  };
  return groups;
}

const option* find_option(std::string_view name) noexcept {
  for (const option_group& group : option_groups()) {
    for (const option& row : group.options) {
      if (row.name == name) return &row;
    }
  }
  return nullptr;
}

std::string expected_value(const option& row, profile p) {
  std::string form(row.form);
  switch (row.kind) {
    case option_kind::integer: {
      const value_range range = row.range_of(p);
      std::string text = "expected a number from " + std::to_string(range.min) + " to " + std::to_string(range.max);
      if (!form.empty()) text += " (" + form + ")";
      text += " in profile " + std::string(to_string(p));
      if (row.dev_range.min == 0 && range.min > 0) text += "; 0 = " + std::string(row.zero) + " only in profile dev";
      return text;
    }
    case option_kind::choice:
      for (std::size_t at = form.find('|'); at != std::string::npos; at = form.find('|'))
        form.replace(at, 1, ", ");
      return "expected one of " + form;
    case option_kind::flag:
      return "expected on or off";
    case option_kind::list:
      return "expected a list of " + form;
    case option_kind::path:
      return "expected the path of a file";
    case option_kind::text:
    case option_kind::secret:
      break;
  }
  return "expected " + form;
}

}  // namespace smsauth::app
