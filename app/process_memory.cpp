#include "app/process_memory.hpp"

#include <cerrno>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <system_error>

namespace smsauth::app {

void keep_memory_private() {
  const ::rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot turn core dumps off");
}

}  // namespace smsauth::app
