#include "service/delivery_summary.hpp"

#include "core/phone_number.hpp"
#include "sms/receipt.hpp"

#include <unordered_map>

namespace smsauth::service {

namespace {

using store::outbox::state;

// What the tries of one message come to.
struct tries_of_message {
  std::int64_t calls = 0;
  std::int64_t calls_ms = 0;
  std::int64_t parts = 0;
};

bool was_called(const store::deliveries::attempt& each) {
  // Known ahead, and not asked.
  return each.provider_code != "number_limit" && each.provider_code != "circuit_open";
}

}  // namespace

void delivery_summary::add(std::span<const store::outbox::history_row> messages,
                           std::span<const store::deliveries::attempt> tries,
                           std::span<const store::deliveries::message_receipt> receipts) {
  std::unordered_map<std::string, tries_of_message> tried;
  for (const store::deliveries::attempt& each : tries) {
    tries_of_message& of = tried[each.message_id];
    if (was_called(each)) {
      ++of.calls;
      of.calls_ms += each.took_ms;
    }
    of.parts = each.parts;
  }
  std::unordered_map<std::string, const store::deliveries::receipt*> told;
  for (const auto& each : receipts)
    told[each.message_id] = &each.receipt;

  for (const store::outbox::history_row& row : messages) {
    const auto to = core::stored_phone(row.phone);
    summary_key key;
    key.hour = row.created_at - row.created_at % core::ms_per_hour;
    key.gateway = row.gateway;
    key.country = to ? std::string(to->region()) : std::string();
    key.dialect = row.dialect;
    summary_row& sum = rows_[key];
    const auto how = tried.find(row.id);
    const tries_of_message calls = how == tried.end() ? tries_of_message{0, 0, 1} : how->second;
    ++sum.messages;
    sum.verified += row.used_at != 0 ? 1 : 0;
    sum.calls += calls.calls;
    sum.calls_ms += calls.calls_ms;
    const bool accepted = row.what == state::handed_over;
    if (accepted) {
      ++sum.accepted;
      sum.parts += calls.parts;
      if (const auto price = to ? prices_.of(*to) : std::nullopt) sum.cost_micros += price->micros * calls.parts;
    }
    const auto receipt = told.find(row.id);
    const auto reported =
        receipt == told.end() ? sms::delivery_state::unknown : static_cast<sms::delivery_state>(receipt->second->state);
    if (reported == sms::delivery_state::delivered) {
      ++sum.delivered;
      sum.delivery_ms += receipt->second->received_at - row.created_at;
    }
    const bool lost = row.what == state::failed || row.what == state::expired ||
                      (sms::is_final(reported) && reported != sms::delivery_state::delivered);
    sum.failed += lost ? 1 : 0;
  }
}

std::string summarize_chunk(store::transaction& in, delivery_summary& into, const std::string& from_id,
                            const std::string& below_id) {
  const auto messages = store::outbox::in_range(in, from_id, below_id, summary_chunk);
  if (messages.empty()) return {};
  const bool more = messages.size() == static_cast<std::size_t>(summary_chunk);
  // The least id above the last one read.
  std::string next = messages.back().id + '0';
  const std::string& end = more ? next : below_id;
  into.add(messages, store::deliveries::attempts_in_range(in, from_id, end),
           store::deliveries::receipts_in_range(in, from_id, end));
  return more ? next : std::string();
}

}  // namespace smsauth::service
