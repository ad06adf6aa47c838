// The life of every message of one number, for whoever is asked "where is my code?".
#pragma once

#include "core/time.hpp"
#include "store/delivery_store.hpp"
#include "store/outbox_store.hpp"
#include "store/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsauth::service {

struct message_history {
  struct tried {
    store::deliveries::attempt attempt;
    std::optional<store::deliveries::receipt> receipt;
  };
  store::outbox::history_row message;
  std::vector<tried> tries;
};

struct phone_history {
  std::vector<message_history> messages;             ///< newest first
  std::vector<store::deliveries::refusal> refusals;  ///< newest first
};

/// Messages and refusals of one number told at most; older ones are kept, but not told.
inline constexpr std::int64_t history_messages = 50;

/// Reads it; as far back as rows are kept.
phone_history load_history(store::transaction& in, std::string_view phone);

/// One step of a message's life.
struct timeline_event {
  core::epoch_ms at = 0;
  std::string_view what;  ///< asked, tried, receipt, handed_over, failed, expired, unknown, code_used, code_expired
  std::vector<std::pair<std::string_view, std::string>> facts;  ///< never a number, a code or a text
};

/// In order of time. `now` decides whether an unused code has expired.
std::vector<timeline_event> timeline_of(const message_history& of, core::epoch_ms now);

std::string_view to_string(store::outbox::state value) noexcept;

}  // namespace smsauth::service
