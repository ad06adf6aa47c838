#include "app/process_memory.hpp"

#include <cerrno>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <system_error>

namespace smsauth::app {

void keep_memory_private() {
  const ::rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot turn core dumps off");
}

void settle_allocator() noexcept {
#ifdef __GLIBC__
  constexpr int top_pad = 1024 * 1024;
  constexpr int trim_threshold = 16 * 1024 * 1024;
  constexpr int mmap_threshold = 256 * 1024;
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TOP_PAD, top_pad);
  ::mallopt(M_TRIM_THRESHOLD, trim_threshold);
  ::mallopt(M_MMAP_THRESHOLD, mmap_threshold);
#endif
}

}  // namespace smsauth::app
