// Rules between settings (product contract, section 4), and the values that follow from others.
#pragma once

#include "app/settings.hpp"

namespace smsauth::app {

/// Throws configuration_error for the first rule that is broken. What a command does not use may be missing: migrate
/// needs the database alone, rotate-keys also the secret file.
void check_rules(const settings& config);

/// Fills what was left to us: thread counts, write lanes, public URL, gateway of a section, code echo, address limits.
/// Precondition: check_rules passed.
void complete(settings& config);

}  // namespace smsauth::app
