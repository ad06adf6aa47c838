#include "service/code_check.hpp"

#include "core/verification.hpp"
#include "crypto/mac.hpp"
#include "store/outbox_store.hpp"
#include "store/quota_store.hpp"
#include "store/verification_store.hpp"

namespace smsauth::service {

code_check::code_check(const context& shared, const core::phone_number& phone, core::purpose why,
                       std::string_view owner, std::string_view code, core::epoch_ms now)
    : limits_(shared.config.codes),
      phone_(phone.e164()),
      purpose_(why),
      mac_(crypto::hmac_sha256_hex(shared.keys.code_mac().bytes(), {core::mac_input(phone.e164(), why, owner, code)})),
      now_(now) {}

store::task<core::result<void>> code_check::operator()(store::transaction& in) const {
  const bool charged = co_await store::quota::charge_try(in, phone_, now_, limits_);
  if (!charged) {
    const auto seen = store::quota::load(in, phone_, purpose_);
    co_return core::explain_try_refusal(seen.value_or(core::phone_quota{}), now_, limits_);
  }
  const store::verification::comparison compared =
      co_await store::verification::consume(in, phone_, purpose_, mac_, now_, limits_.wrong_tries_per_code);
  if (!compared.right) co_return core::errc::wrong_code;
  co_await store::outbox::note_used(in, phone_, core::to_string(purpose_), compared.request_id, now_);
  co_await store::quota::clear_tries(in, phone_);
  co_return core::result<void>();
}

}  // namespace smsauth::service
