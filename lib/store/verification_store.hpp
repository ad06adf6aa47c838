// verification: one row per phone and purpose holds the one live code, as a keyed MAC (OTP-09, OTP-11).
#pragma once

#include "core/purpose.hpp"
#include "core/time.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace smsauth::store::verification {

/// The newest code replaces any older one and its tries.
void record(transaction& in, std::string_view phone, core::purpose why, std::string_view mac,
            std::string_view request_id, core::epoch_ms now, core::epoch_ms expires_at);

/// Compares and consumes in one write: true once at most per code. A wrong one is counted on the code as well.
/// Precondition: quota::charge_try succeeded in this transaction, which holds the phone's row and so puts all tries of
/// one number in a row, over all purposes.
bool consume(transaction& in, std::string_view phone, core::purpose why, std::string_view mac, core::epoch_ms now,
             std::int64_t max_attempts);

/// Deletes what is long over in the key range (after, last]; returns last, empty at the end of the table.
std::string purge_after(transaction& in, std::string_view after, core::epoch_ms dead_before, std::int64_t limit);

}  // namespace smsauth::store::verification
