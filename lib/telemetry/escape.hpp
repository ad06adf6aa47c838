// Text from outside as text that cannot leave its place: neither end a line, nor steer a terminal, nor close a quote.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smsauth::telemetry {

inline constexpr std::size_t max_value_bytes = 256;  ///< of one escaped value in the log

/// Appends `text`, escaped as JSON escapes strings (RFC 8259, section 7), so that it may stand between quotes as it is.
/// Besides what JSON demands, it escapes DEL, C1 controls, line and paragraph separators, bidi marks, invisible
/// characters and tags; a byte that is not UTF-8 becomes \ufffd. At most `limit` bytes are appended, never half a
/// character or half an escape.
void append_escaped(std::string& out, std::string_view text, std::size_t limit = max_value_bytes);

}  // namespace smsauth::telemetry
