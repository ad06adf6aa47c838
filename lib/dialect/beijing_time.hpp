// Times as the clients show them: China Standard Time, UTC+08:00 the year round.
#pragma once

#include "core/time.hpp"

#include <string>

namespace smsauth::dialect {

/// "2019-12-20 15:34:32". Part seconds are dropped. Years outside 0-9999 are clamped to them.
std::string beijing_datetime(core::epoch_ms at);
/// RFC 3339: "2019-12-12T00:00:00+08:00".
std::string beijing_rfc3339(core::epoch_ms at);

}  // namespace smsauth::dialect
