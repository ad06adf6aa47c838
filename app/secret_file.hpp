// The file of the master key (--secret-file): 64 hex digits, readable by its owner alone.
#pragma once

#include "app/settings.hpp"

#include <string>

namespace smsauth::app {

/// The hex text of the key, without the end of line; crypto::master_key::from_hex judges its quality.
///
/// Profile dev makes a missing file (mode 0600, its folders 0700). It appears complete or not at all, and of two
/// processes that make it at the same time both read the same key. Other profiles want the file there.
///
/// Throws configuration_error: missing or unreadable file, no regular file (a symbolic link is none), an owner other
/// than this user or root, more than one name (hard link), group or others may read it (dev: may write it), anything
/// but 64 hex digits and one end of line.
std::string load_or_create_secret(const settings& config);

}  // namespace smsauth::app
