// What Boost.Beast 1.81 accepts and we do not (spec: security section 2): the header block is judged as raw octets
// before Beast's parser sees it. Whatever another server in front of us could read in two ways is refused.
#pragma once

#include "core/limits.hpp"
#include "http/request_line.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace smsauth::http {

/// Fields per request: far more than any client sends, and a bound for what one request can make us remember.
inline constexpr std::size_t max_header_fields = 100;

/// Where a header block ends; it may arrive in any number of pieces.
class header_scan {
 public:
  enum class state : std::uint8_t { incomplete, complete, bare_line_feed };

  /// `input` is the whole request so far; octets seen by an earlier call are not looked at again.
  state find_end(std::string_view input) noexcept;
  /// Octets of the block with its blank line, once complete.
  std::size_t size() const noexcept { return line_begin_; }
  void reset() noexcept { *this = header_scan(); }

 private:
  std::size_t seen_ = 0;
  std::size_t line_begin_ = 0;
};

/// What the guards know of a request that passed them.
struct request_head {
  request_line line;
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool expects_continue = false;
};

/// Judges a header block with its blank line. Errors: those of parse_request_line; 400, 413, 417, 431.
/// On an error `out.line` holds what was understood.
std::optional<refusal> check_head(std::string_view block, const core::http_limits& limits, request_head& out);

/// The longest body, octets, that a request to this path may have.
std::size_t body_limit(std::string_view path, const core::http_limits& limits) noexcept;

/// The answer to a block over limits.header_bytes: 414 when the target alone is too long, else 431.
refusal refuse_long_head(std::string_view begin_of_block, const core::http_limits& limits, request_head& out);

/// Takes a line apart and checks its octets; the value loses the blanks around it. A folded line has no name.
bool split_field(std::string_view line, std::string_view& name, std::string_view& value);
/// Visible characters, blanks, tabs and octets over 0x7F (RFC 9110 section 5.5).
bool is_field_value(std::string_view text) noexcept;

/// The host[:port] of RFC 9112 section 3.2, narrowed to what names and addresses look like.
bool is_host(std::string_view value) noexcept;

}  // namespace smsauth::http
