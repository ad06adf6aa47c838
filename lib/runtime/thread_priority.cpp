#include "runtime/thread_priority.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace smsauth::runtime {

void lower_thread_priority() noexcept {
  // On Linux the "process" of PRIO_PROCESS is a thread (setpriority(2), section on C library differences).
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 10));
}

void name_thread(const char* name) noexcept {
  ::pthread_setname_np(::pthread_self(), name);
}

}  // namespace smsauth::runtime
