// Commands that read what became of messages, beside a running server or without one.
#pragma once

#include "app/settings.hpp"

namespace smsauth::app {

/// messages --to NUMBER [--full]: the life of each message of one number, as text. deliveries [--hours N]: all of them
/// by hour, gateway, country and dialect. Return the exit code; throw configuration_error and store::sql_error.
int run_messages(const settings& config);
int run_deliveries(const settings& config);

}  // namespace smsauth::app
