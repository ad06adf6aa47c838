// Ids in order of time: new rows go to the end of the table, and old ones are purged by ranges.
#pragma once

#include "core/time.hpp"

#include <string>

namespace smsauth::service {

/// 32 hex digits: 48 bits of milliseconds, 80 random bits.
std::string time_ordered_id(core::epoch_ms now);
/// The least id of a moment: every id made earlier is below it.
std::string id_floor(core::epoch_ms at);

}  // namespace smsauth::service
