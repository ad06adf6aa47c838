// verification: one row per phone and purpose holds the one live code, as a keyed MAC (OTP-09, OTP-11).
#pragma once

#include "core/purpose.hpp"
#include "core/time.hpp"
#include "store/gathering.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smsauth::store::verification {

struct code_record {
  std::string_view phone;
  core::purpose why;
  std::string_view mac;
  std::string_view request_id;
  core::epoch_ms now;
  core::epoch_ms expires_at;

  static step_kind kind() noexcept { return {}; }
  static void run(transaction& in, std::span<code_record* const> all);
};
/// The newest code replaces any older one and its tries.
gathered<code_record> record(transaction& in, std::string_view phone, core::purpose why, std::string_view mac,
                             std::string_view request_id, core::epoch_ms now, core::epoch_ms expires_at);

/// What a try came to.
struct comparison {
  bool right = false;
  std::string request_id = {};  ///< of the right code's message, where the way to the answer has shown it
};
struct code_comparison {
  std::string_view phone;
  core::purpose why;
  std::string_view mac;
  core::epoch_ms now;
  std::int64_t cap;
  comparison outcome = {};

  step_kind kind() const noexcept { return {static_cast<std::int64_t>(why), cap}; }
  static void run(transaction& in, std::span<code_comparison* const> all);
};
/// Compares and consumes: right once at most per code. A wrong one is counted on the code as well. One write; several
/// together lock their rows, decide, and write what they decided, which counts only if every row was as read.
/// Precondition: quota::charge_try succeeded in this transaction, which holds the phone's row and so puts all tries of
/// one number in a row, over all purposes.
gathered<code_comparison> consume(transaction& in, std::string_view phone, core::purpose why, std::string_view mac,
                                  core::epoch_ms now, std::int64_t max_attempts);

/// Deletes what is long over in the key range (after, last]; returns last, empty at the end of the table.
std::string purge_after(transaction& in, std::string_view after, core::epoch_ms dead_before, std::int64_t limit);

}  // namespace smsauth::store::verification
