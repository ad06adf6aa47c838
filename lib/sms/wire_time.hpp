// Times as providers write them in requests and receipts.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::sms {

/// ISO 8601 in UTC, part seconds dropped: "2026-01-02T03:04:05Z"; compact: "20260102T030405Z".
std::string utc_time(core::epoch_ms at);
std::string utc_time_compact(core::epoch_ms at);
/// "2026-01-02", in UTC.
std::string utc_date(core::epoch_ms at);

/// "YYYY-MM-DD hh:mm:ss" or with "T" and perhaps "Z" at its end, taken as hours_east of UTC (8: Beijing, rule 0.8).
/// Nothing for any other form, or for a time that does not exist.
std::optional<core::epoch_ms> parse_time(std::string_view text, int hours_east);

/// Seconds since 1970 as a stranger writes them: digits alone, up to the year 9999. Nothing for anything else.
std::optional<std::int64_t> parse_unix_seconds(std::string_view text);

}  // namespace smsauth::sms
