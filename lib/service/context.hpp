// What all services share. Built and owned by app/application; everything in it outlives the services.
#pragma once

#include "core/phone_number.hpp"
#include "core/purpose.hpp"
#include "runtime/lane.hpp"
#include "service/address_limiter.hpp"
#include "service/caller.hpp"
#include "service/clock.hpp"
#include "service/database_lanes.hpp"
#include "service/dispatcher.hpp"
#include "service/keyring.hpp"
#include "service/refusals.hpp"
#include "service/review_numbers.hpp"
#include "service/settings.hpp"
#include "service/uid_source.hpp"
#include "sms/message_text.hpp"

namespace smsauth::service {

struct context {
  const settings& config;
  const sms::text_settings& texts;
  const review_numbers& reviewed;
  clock& time;
  database_lanes& database;
  runtime::lane& hashes;  ///< Argon2 only, on threads of its own; its drain is runtime::run_each
  keyring& keys;
  address_limiter& addresses;
  uid_source& uids;
  dispatcher& outbox;
  refusals& refused;
};

/// Notes in the request's log line what it is about; costs 0.6 us for the keyed hash.
void describe(const context& shared, const caller& who, core::purpose why, const core::phone_number& phone);

}  // namespace smsauth::service
