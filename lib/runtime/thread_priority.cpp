#include "runtime/thread_priority.hpp"

#include <cstdint>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace smsauth::runtime {

namespace {

constexpr int low_nice = 19;
/// Longer than the kernel's own few milliseconds, so that whoever wakes up need not wait for the end of ours.
/// Linux 6.12 takes 0.1 to 100 ms.
constexpr std::uint64_t long_slice_ns = 50'000'000;

/// struct sched_attr of sched_setattr(2), first version. The kernel's header for it cannot stand beside glibc's
/// <sched.h>.
struct scheduling {
  std::uint32_t size = sizeof(scheduling);
  std::uint32_t policy = 0;  // SCHED_OTHER
  std::uint64_t flags = 0;
  std::int32_t nice = low_nice;
  std::uint32_t priority = 0;
  std::uint64_t runtime = long_slice_ns;  // the slice, from Linux 6.12 on; ignored before
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(scheduling) == 48);

}  // namespace

void lower_thread_priority() noexcept {
  scheduling wanted;
  if (::syscall(SYS_sched_setattr, 0, &wanted, 0U) == 0) return;
  // On Linux the "process" of PRIO_PROCESS is a thread (setpriority(2), section on C library differences).
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), low_nice));
}

void name_thread(const char* name) noexcept {
  ::pthread_setname_np(::pthread_self(), name);
}

}  // namespace smsauth::runtime
