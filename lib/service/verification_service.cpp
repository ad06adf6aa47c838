#include "service/verification_service.hpp"

#include "core/verification.hpp"
#include "crypto/mac.hpp"
#include "crypto/random.hpp"
#include "service/context.hpp"
#include "service/ids.hpp"
#include "store/account_store.hpp"
#include "store/grant_store.hpp"
#include "store/outbox_store.hpp"
#include "store/quota_store.hpp"
#include "store/verification_store.hpp"
#include "telemetry/log.hpp"

namespace smsauth::service {

namespace {

// Everything a send needs inside its transaction, computed before it.
struct prepared_send {
  sms::message message;
  store::outbox::message_row row;
  std::string mac;
  core::code_times times;
  bool review = false;  ///< a reviewer's number: nothing is sent
};

prepared_send prepare(context& shared, const caller& who, const send_request& request, core::epoch_ms now) {
  prepared_send made;
  made.times = core::times_for(who.dialect, shared.config.codes);
  made.message.id = time_ordered_id(now);
  made.message.to = request.phone.e164();
  made.message.purpose = request.purpose;
  made.message.dialect = who.dialect;
  const std::string* const fixed = shared.reviewed.code_for(request.phone, now);
  made.review = fixed != nullptr;
  made.message.code = made.review ? *fixed : crypto::random_code();
  made.message.language = sms::language_of(request.phone.region());
  made.message.text = sms::message_text(request.purpose, made.message.language, made.message.code,
                                        made.times.ttl_seconds, shared.texts);
  made.message.created_at = now;
  made.message.deadline = now + made.times.ttl_seconds * core::ms_per_second;
  made.mac = crypto::hmac_sha256_hex(
      shared.keys.code_mac().bytes(),
      {core::mac_input(request.phone.e164(), request.purpose, request.owner, made.message.code)});
  made.row.id = made.message.id;
  made.row.phone = made.message.to;
  made.row.purpose = core::to_string(request.purpose);
  made.row.dialect = core::to_string(who.dialect);
  made.row.sealed_body = shared.outbox.sealed_body(made.message);
  made.row.created_at = now;
  made.row.expires_at = made.message.deadline;
  made.row.address = who.address;
  return made;
}

// What became of the account condition.
enum class permission : std::uint8_t { deliver, pretend };

store::task<core::result<permission>> check_condition(store::transaction& in, const context& shared,
                                                      const send_request& request) {
  const auto owner = co_await store::accounts::find_identity(in, request.phone.e164());
  // A number somebody registered without a code is not theirs: its real owner may register it (PWD-09).
  const bool exists = owner && owner->verified;
  if (exists == (request.condition == account_condition::must_exist)) co_return permission::deliver;
  // Strict: whoever asks learns nothing. The limits are charged and a code nobody gets is stored, as for a real send.
  if (shared.config.uniform_answers) co_return permission::pretend;
  co_return core::failure(exists ? core::errc::already_registered : core::errc::not_registered);
}

store::task<core::result<permission>> record_send(store::transaction& in, const context& shared,
                                                  const send_request& request, const prepared_send& made,
                                                  core::epoch_ms now) {
  core::result<permission> allowed = permission::deliver;
  if (request.condition != account_condition::any) allowed = co_await check_condition(in, shared, request);
  if (!allowed) co_return allowed;
  const std::string& phone = request.phone.e164();
  const bool charged = co_await store::quota::charge_send(in, phone, request.purpose, made.row.id, now,
                                                          made.times.gap_seconds, shared.config.codes);
  if (!charged) {
    const auto seen = store::quota::load(in, phone, request.purpose);
    co_return core::explain_send_refusal(seen.value_or(core::phone_quota{}), now, made.times.gap_seconds,
                                         shared.config.codes);
  }
  co_await store::verification::record(in, phone, request.purpose, made.mac, made.row.id, now, made.row.expires_at);
  if (request.purpose == core::purpose::reset_password) store::grants::void_reset(in, phone);
  if (*allowed == permission::deliver)
    co_await store::outbox::record(in, made.row, shared.outbox.node(), shared.outbox.lease_until(now));
  co_return allowed;
}

// Kept for whoever is asked "where is my code?".
void note_refusal(context& shared, const caller& who, const send_request& request, core::errc why, core::epoch_ms now) {
  if (why == core::errc::busy || why == core::errc::unavailable || why == core::errc::internal) return;
  store::deliveries::refusal one;
  one.phone = request.phone.e164();
  one.purpose = core::to_string(request.purpose);
  one.dialect = core::to_string(who.dialect);
  one.address = who.address;
  one.reason = core::to_string(why);
  one.refused_at = now;
  shared.refused.note(std::move(one));
}

// An auditor's line: who used a fixed code, and when.
void note_review(const prepared_send& made) {
  const auto to = core::stored_phone(made.message.to);
  telemetry::log(telemetry::log_level::warning, "review number",
                 {{"message", std::string_view(made.row.id)},
                  {"phone", to ? to->masked() : std::string("****")},
                  {"purpose", core::to_string(made.message.purpose)},
                  {"address", std::string_view(made.row.address)}});
}

}  // namespace

void describe(const context& shared, const caller& who, core::purpose why, const core::phone_number& phone) {
  constexpr std::size_t shown_digits = 16;
  who.event->purpose = core::to_string(why);
  who.event->masked_phone = phone.masked();
  who.event->phone_hash =
      crypto::hmac_sha256_hex(shared.keys.log_mac().bytes(), {phone.e164()}).substr(0, shown_digits);
}

runtime::awaitable<core::result<send_receipt>> verification_service::send(const caller& who,
                                                                          const send_request& request) {
  describe(shared_, who, request.purpose, request.phone);
  const core::epoch_ms now = shared_.time.now();
  if (shared_.config.address_limits) {
    const auto charged = shared_.addresses.charge(who.limit_key, address_action::send, now);
    if (!charged) {
      note_refusal(shared_, who, request, charged.error().code, now);
      co_return charged.error();
    }
  }
  prepared_send made = prepare(shared_, who, request, now);
  auto work = [&](store::transaction& in) { return record_send(in, shared_, request, made, now); };
  const auto stored = co_await shared_.database.write(request.phone.e164(), work, runtime::urgency::low);
  if (!stored) {
    // "Registered" and "not registered" are answers that somebody may be collecting: they count like a send.
    const core::errc why = stored.error().code;
    note_refusal(shared_, who, request, why, now);
    const bool told = why == core::errc::already_registered || why == core::errc::not_registered;
    if (shared_.config.address_limits && !told) shared_.addresses.refund(who.limit_key, address_action::send, now);
    co_return stored.error();
  }
  if (*stored == permission::deliver && made.review) {
    note_review(made);
    co_await shared_.outbox.close_unsent(made.row.id, "review");
  } else if (*stored == permission::deliver) {
    const delivery_end ended = co_await shared_.outbox.hand_over(made.message);
    if (ended == delivery_end::refused) co_return core::errc::gateway_failed;
  }
  send_receipt receipt;
  receipt.message_id = made.row.id;
  receipt.ttl_seconds = made.times.ttl_seconds;
  receipt.gap_seconds = made.times.gap_seconds;
  if (shared_.config.code_echo) receipt.echo_code = made.message.code;
  co_return receipt;
}

runtime::awaitable<core::result<bool>> verification_service::is_registered(const caller& who,
                                                                           const core::phone_number& phone) {
  describe(shared_, who, core::purpose::verify, phone);
  if (shared_.config.uniform_answers) co_return false;
  if (shared_.config.address_limits) {
    const auto charged = shared_.addresses.charge(who.limit_key, address_action::lookup, shared_.time.now());
    if (!charged) co_return charged.error();
  }
  auto work = [&](store::transaction& in) -> core::result<bool> {
    const auto found = store::accounts::find_identity(in, phone.e164()).get();
    return found && found->verified;
  };
  co_return co_await shared_.database.read(work);
}

}  // namespace smsauth::service
