// What this process holds in memory must not leave it with a crash: keys, codes, passwords.
#pragma once

namespace smsauth::app {

/// No core dumps, and no debugger or /proc/PID/mem for other processes of this user (PR_SET_DUMPABLE, prctl(2)). Not in
/// profile dev, where a developer wants both. Throws std::system_error.
void keep_memory_private();

}  // namespace smsauth::app
