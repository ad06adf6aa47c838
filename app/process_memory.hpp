// The memory of this process: what it holds must not leave it with a crash (keys, codes, passwords), and to get more of
// it must not wait for a password hash.
#pragma once

namespace smsauth::app {

/// No core dumps, and no debugger or /proc/PID/mem for other processes of this user (PR_SET_DUMPABLE, prctl(2)). Not in
/// profile dev, where a developer wants both. Throws std::system_error.
void keep_memory_private();

/// One arena that grows by large steps and keeps them. With an arena for each thread glibc asks the kernel for every 4
/// KiB more (mprotect), which waits while a hash of lower priority has its 19 MiB mapped: 7 ms, which were the p99 of
/// sends in a flood of logins (scripts/bench hash watches it). Before the first thread.
void settle_allocator() noexcept;

}  // namespace smsauth::app
