// phone_quota: one row per number counts its sends and wrong tries over all purposes, dialects and addresses.
#pragma once

#include "core/limits.hpp"
#include "core/purpose.hpp"
#include "core/time.hpp"
#include "core/verification.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::store::quota {

/// Counts one send, unless the gap of this purpose, the hour or the day refuses: then nothing changes and the answer is
/// false. One statement. `request_id` is new for every request.
bool charge_send(transaction& in, std::string_view phone, core::purpose why, std::string_view request_id,
                 core::epoch_ms now, std::int64_t gap_seconds, const core::code_limits& limits);

/// Counts one try of a code before it is compared, for a number never heard of as well (it gets a row); false when the
/// day's tries are used up.
bool charge_try(transaction& in, std::string_view phone, core::epoch_ms now, const core::code_limits& limits);
/// A right code forgives the wrong ones (OTP-05).
void clear_tries(transaction& in, std::string_view phone);

/// The row, with sent_at of `why`.
std::optional<core::phone_quota> load(transaction& in, std::string_view phone, core::purpose why);

/// Deletes what is long over in the key range (after, last]; returns last, empty at the end of the table.
std::string purge_after(transaction& in, std::string_view after, core::epoch_ms dead_before, std::int64_t limit);

}  // namespace smsauth::store::quota
