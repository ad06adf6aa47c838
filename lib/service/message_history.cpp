#include "service/message_history.hpp"

#include "sms/receipt.hpp"

#include <algorithm>

namespace smsauth::service {

namespace {

using fact = std::pair<std::string_view, std::string>;

timeline_event event_at(core::epoch_ms at, std::string_view what) {
  timeline_event made;
  made.at = at;
  made.what = what;
  return made;
}

// Left out where there is nothing to say.
void add(timeline_event& to, std::string_view name, std::string value) {
  if (!value.empty()) to.facts.push_back(fact(name, std::move(value)));
}

timeline_event event_of(const store::deliveries::attempt& tried) {
  timeline_event made = event_at(tried.started_at, "tried");
  add(made, "gateway", tried.gateway);
  add(made, "outcome", tried.outcome);
  add(made, "class", tried.rejection);
  add(made, "provider_code", tried.provider_code);
  add(made, "provider_id", tried.provider_id);
  add(made, "parts", std::to_string(tried.parts));
  add(made, "ms", std::to_string(tried.took_ms));
  return made;
}

timeline_event event_of(const store::deliveries::receipt& told, std::string_view gateway) {
  timeline_event made = event_at(told.received_at, "receipt");
  add(made, "gateway", std::string(gateway));
  add(made, "state", std::string(sms::to_string(static_cast<sms::delivery_state>(told.state))));
  add(made, "error_code", told.error_code);
  return made;
}

}  // namespace

std::string_view to_string(store::outbox::state value) noexcept {
  switch (value) {
    case store::outbox::state::pending:
      return "pending";
    case store::outbox::state::handed_over:
      return "handed_over";
    case store::outbox::state::failed:
      return "failed";
    case store::outbox::state::expired:
      return "expired";
    case store::outbox::state::unknown:
      break;
  }
  return "unknown";
}

phone_history load_history(store::transaction& in, std::string_view phone) {
  phone_history found;
  for (store::outbox::history_row& row : store::outbox::of_phone(in, phone, "", history_messages)) {
    message_history one;
    for (store::deliveries::attempt& each : store::deliveries::attempts_of(in, row.id)) {
      message_history::tried tried;
      if (!each.provider_id.empty()) tried.receipt = store::deliveries::receipt_of(in, each.gateway, each.provider_id);
      tried.attempt = std::move(each);
      one.tries.push_back(std::move(tried));
    }
    one.message = std::move(row);
    found.messages.push_back(std::move(one));
  }
  found.refusals = store::deliveries::refusals_of(in, phone, "", history_messages);
  return found;
}

std::vector<timeline_event> timeline_of(const message_history& of, core::epoch_ms now) {
  const store::outbox::history_row& row = of.message;
  std::vector<timeline_event> all;
  timeline_event asked = event_at(row.created_at, "asked");
  add(asked, "dialect", row.dialect);
  add(asked, "purpose", row.purpose);
  add(asked, "address", row.address);
  add(asked, "decision", "allowed, stored");
  all.push_back(std::move(asked));
  for (const message_history::tried& each : of.tries) {
    all.push_back(event_of(each.attempt));
    if (each.receipt) all.push_back(event_of(*each.receipt, each.attempt.gateway));
  }
  if (row.what != store::outbox::state::pending) {
    timeline_event ended = event_at(row.finished_at, to_string(row.what));
    add(ended, "gateway", row.gateway);
    all.push_back(std::move(ended));
  }
  if (row.used_at != 0) {
    all.push_back(event_at(row.used_at, "code_used"));
  } else if (row.expires_at <= now) {
    all.push_back(event_at(row.expires_at, "code_expired"));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const timeline_event& a, const timeline_event& b) { return a.at < b.at; });
  return all;
}

}  // namespace smsauth::service
