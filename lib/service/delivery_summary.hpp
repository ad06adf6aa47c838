// What became of all messages of some hours: per hour, gateway, country and dialect. Computed when somebody asks.
#pragma once

#include "core/time.hpp"
#include "sms/price_list.hpp"
#include "store/delivery_store.hpp"
#include "store/outbox_store.hpp"
#include "store/transaction.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace smsauth::service {

struct summary_key {
  core::epoch_ms hour = 0;  ///< its first millisecond
  std::string gateway;      ///< "" = none had it yet
  std::string country;      ///< CLDR region
  std::string dialect;
  friend bool operator<(const summary_key& a, const summary_key& b) {
    return std::tie(a.hour, a.gateway, a.country, a.dialect) < std::tie(b.hour, b.gateway, b.country, b.dialect);
  }
};

struct summary_row {
  std::int64_t messages = 0;
  std::int64_t accepted = 0;   ///< handed over
  std::int64_t failed = 0;     ///< refused, expired, or reported as failed
  std::int64_t delivered = 0;  ///< by a receipt
  std::int64_t verified = 0;   ///< the code was used: verified / messages is the conversion
  std::int64_t parts = 0;
  std::int64_t cost_micros = 0;  ///< of accepted messages, by the price list
  std::int64_t calls = 0;        ///< of the gateway
  std::int64_t calls_ms = 0;     ///< together
  std::int64_t delivery_ms = 0;  ///< from asking to the receipt, together, of `delivered`
};

class delivery_summary {
 public:
  explicit delivery_summary(const sms::price_list& prices) : prices_(prices) {}

  /// `tries` and `receipts` belong to `messages`; the order does not matter.
  void add(std::span<const store::outbox::history_row> messages, std::span<const store::deliveries::attempt> tries,
           std::span<const store::deliveries::message_receipt> receipts);
  const std::map<summary_key, summary_row>& rows() const noexcept { return rows_; }

 private:
  const sms::price_list& prices_;
  std::map<summary_key, summary_row> rows_;
};

/// Messages of one summary at most: about a second of reading.
inline constexpr std::int64_t summary_messages = 200'000;
/// Rows of one read: requests have their turn between two.
inline constexpr std::int64_t summary_chunk = 1'000;

/// Reads the next chunk of messages created in [from_id, below_id) and adds it. Returns where to go on, "" at the end.
std::string summarize_chunk(store::transaction& in, delivery_summary& into, const std::string& from_id,
                            const std::string& below_id);

}  // namespace smsauth::service
