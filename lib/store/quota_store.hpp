// phone_quota: one row per number counts its sends and wrong tries over all purposes, dialects and addresses.
#pragma once

#include "core/limits.hpp"
#include "core/purpose.hpp"
#include "core/time.hpp"
#include "core/verification.hpp"
#include "store/gathering.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace smsauth::store::quota {

struct send_charge {
  std::string_view phone;
  core::purpose why;
  std::string_view request_id;
  core::epoch_ms now;
  std::int64_t gap_seconds;
  std::int64_t hour_cap;
  std::int64_t day_cap;
  bool outcome = false;

  step_kind kind() const noexcept { return {static_cast<std::int64_t>(why), gap_seconds, hour_cap, day_cap}; }
  static void run(transaction& in, std::span<send_charge* const> all);
};
/// Counts one send, unless the gap of this purpose, the hour or the day refuses: then nothing changes and the answer is
/// false. `request_id` is new for every request.
gathered<send_charge> charge_send(transaction& in, std::string_view phone, core::purpose why,
                                  std::string_view request_id, core::epoch_ms now, std::int64_t gap_seconds,
                                  const core::code_limits& limits);

struct try_charge {
  std::string_view phone;
  core::epoch_ms now;
  std::int64_t cap;
  bool outcome = false;

  step_kind kind() const noexcept { return {cap}; }
  static void run(transaction& in, std::span<try_charge* const> all);
};
/// Counts one try of a code before it is compared, for a number never heard of as well (it gets a row); false when the
/// day's tries are used up.
gathered<try_charge> charge_try(transaction& in, std::string_view phone, core::epoch_ms now,
                                const core::code_limits& limits);

struct tries_clearing {
  std::string_view phone;

  static step_kind kind() noexcept { return {}; }
  static void run(transaction& in, std::span<tries_clearing* const> all);
};
/// A right code forgives the wrong ones (OTP-05).
gathered<tries_clearing> clear_tries(transaction& in, std::string_view phone);

/// The row, with sent_at of `why`.
std::optional<core::phone_quota> load(transaction& in, std::string_view phone, core::purpose why);

/// Deletes what is long over in the key range (after, last]; returns last, empty at the end of the table.
std::string purge_after(transaction& in, std::string_view after, core::epoch_ms dead_before, std::int64_t limit);

}  // namespace smsauth::store::quota
