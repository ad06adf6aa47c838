// Hashing gives way to everything else. On one processor, sends during a flood of logins, and their p99 against quiet:
// at nice 10 0.89 and 2.4, at nice 19 0.95 and 2.4, at nice 19 with a long slice 1.01 and 1.9 (scripts/bench hash).
// SCHED_IDLE, 1.09 and 1.6, would let a flood of sends end all logins, and cannot be left without privileges.
#pragma once

namespace smsauth::runtime {

/// Lowers the calling thread (not the process) to nice 19, and lets others interrupt it as soon as they wake up. Best
/// effort.
void lower_thread_priority() noexcept;
/// Names it for ps and gdb; at most 15 characters.
void name_thread(const char* name) noexcept;

}  // namespace smsauth::runtime
