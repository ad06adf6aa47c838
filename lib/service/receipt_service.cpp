#include "service/receipt_service.hpp"

#include "crypto/equal.hpp"
#include "store/delivery_store.hpp"
#include "telemetry/log.hpp"

#include <algorithm>
#include <span>

namespace smsauth::service {

namespace {

constexpr std::size_t receipts_per_unit = 64;  ///< a push may bring hundreds: requests have their turn between units

}  // namespace

void receipt_service::add(const sms::gateway& from, std::string secret) {
  sources_.emplace(std::string(from.name()), source{&from, std::move(secret)});
}

bool receipt_service::knows(std::string_view gateway, std::string_view secret) const {
  const auto found = sources_.find(gateway);
  return found != sources_.end() && !found->second.secret.empty() && crypto::equal(found->second.secret, secret);
}

std::vector<std::string> receipt_service::names() const {
  std::vector<std::string> all;
  for (const auto& [name, each] : sources_)
    all.push_back(name);
  return all;
}

runtime::awaitable<core::result<sms::receipt_result>> receipt_service::take(std::string_view gateway,
                                                                            const sms::receipt_call& call) {
  sms::receipt_result read = sources_.find(gateway)->second.gateway->read_receipts(call);
  if (read.what != sms::receipt_result::kind::taken) {
    const bool forged = read.what == sms::receipt_result::kind::forged;
    telemetry::log(telemetry::log_level::warning, "receipt",
                   {{"gateway", gateway}, {"outcome", std::string_view(forged ? "forged" : "malformed")}});
    co_return read;
  }
  const auto stored = co_await keep(gateway, read.receipts);
  if (!stored) co_return stored.error();
  co_return read;
}

runtime::awaitable<void> receipt_service::take(std::string gateway, std::vector<sms::receipt> told) {
  const auto stored = co_await keep(gateway, told);
  if (stored) co_return;
  telemetry::log(telemetry::log_level::error, "receipt",
                 {{"gateway", std::string_view(gateway)},
                  {"outcome", std::string_view("not_stored")},
                  {"lost", static_cast<std::int64_t>(told.size())}});
}

runtime::awaitable<core::result<void>> receipt_service::keep(std::string_view gateway,
                                                             const std::vector<sms::receipt>& told) {
  const core::epoch_ms now = clock_.now();
  for (std::size_t done = 0; done < told.size(); done += receipts_per_unit) {
    const std::span part(&told[done], std::min(receipts_per_unit, told.size() - done));
    auto work = [&](store::transaction& in) -> core::result<void> {
      for (const sms::receipt& each : part) {
        store::deliveries::record_receipt(in, gateway, each.provider_id,
                                          {static_cast<std::int64_t>(each.state), each.error_code, each.at, now});
      }
      return {};
    };
    const auto written = co_await database_.write(gateway, work);
    if (!written) co_return written.error();
  }
  co_return core::result<void>();
}

}  // namespace smsauth::service
