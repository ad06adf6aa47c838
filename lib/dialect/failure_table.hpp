// One table per dialect turns the product's errors into what that dialect's clients read.
#pragma once

#include "core/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace smsauth::dialect {

struct failure_row {
  core::errc error;
  int status;             ///< HTTP
  int code;               ///< of the envelope
  std::string_view text;  ///< for the person in front of the client
};

/// The row of an errc stands at its number.
using failure_table = std::array<failure_row, static_cast<std::size_t>(core::errc::count_)>;

/// Every errc has its row, with a text: a static_assert beside each table.
constexpr bool is_complete(const failure_table& table) noexcept {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].error) != i || table[i].status == 0 || table[i].text.empty()) return false;
  }
  return true;
}

/// The row for `error`; that of errc::internal for a value outside the enum.
const failure_row& row_of(const failure_table& table, core::errc error) noexcept;

/// The row for a failure found by the HTTP edge (404, 405, 413, …): its status, and a text of its own where one fits
/// better than that of `error`.
failure_row edge_row(const failure_table& table, int status, const core::failure& error) noexcept;

/// The reply with this body; 503 always says when to come back (product contract, section 6).
http::response failure_response(int status, std::string body, const core::failure& error);

/// Names the failure in the log line of `where`.
void note_outcome(const http::request& where, const core::failure& error) noexcept;

}  // namespace smsauth::dialect
