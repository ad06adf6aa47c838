#include "app/descriptor_limit.hpp"

#include <limits>
#include <sys/resource.h>

namespace smsauth::app {

namespace {

constexpr std::size_t kept_descriptors = 128;

}  // namespace

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

std::size_t descriptors_for_connections() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<std::size_t>::max();
  }
  return limit.rlim_cur > 2 * kept_descriptors ? limit.rlim_cur - kept_descriptors : limit.rlim_cur / 2;
}

}  // namespace smsauth::app
