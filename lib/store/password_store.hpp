// password: the hashes of an account; login_failure: failed password logins per number, known or not.
#pragma once

#include "core/time.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsauth::store::passwords {

enum class kind : std::uint8_t { login, pay };

struct stored_password {
  std::string phc;            ///< PHC string, never a password
  std::int64_t failures = 0;  ///< pay password: wrong tries since the last right one
};

std::optional<stored_password> find(transaction& in, std::int64_t uid, kind which);

/// What a number's login password is compared with.
struct login_password {
  std::int64_t uid = 0;  ///< 0: nobody has the number
  std::string phc;       ///< empty: nobody, or no password
};
/// One statement, and always one row of about one length: what takes longer for a known number would tell it (PWD-05).
login_password find_login(transaction& in, std::string_view phone);
/// New hash, failures forgotten.
void record(transaction& in, std::int64_t uid, kind which, std::string_view phc, core::epoch_ms now);
/// Compare and set of the hash: a rehash must not undo a change of password.
bool replace_hash(transaction& in, std::int64_t uid, kind which, std::string_view old_phc, std::string_view new_phc,
                  core::epoch_ms now);

/// Counts a try before the pay password is compared; false when `cap` is reached.
bool charge_pay_try(transaction& in, std::int64_t uid, std::int64_t cap, core::epoch_ms now);
void clear_pay_tries(transaction& in, std::int64_t uid, core::epoch_ms now);

struct login_failures {
  std::int64_t failures = 0;
  core::epoch_ms retry_at = 0;
};
std::optional<login_failures> find_failures(transaction& in, std::string_view phone);
/// Moves the counter from what was seen (nothing = no row) to `next`; false when another try was quicker.
bool charge_failure(transaction& in, std::string_view phone, const std::optional<login_failures>& seen,
                    const login_failures& next, core::epoch_ms now);
void clear_failures(transaction& in, std::string_view phone);

/// Deletes what is long over in the key range (after, last]; returns last, empty at the end of the table.
std::string purge_failures_after(transaction& in, std::string_view after, core::epoch_ms dead_before,
                                 std::int64_t limit);

}  // namespace smsauth::store::passwords
