/* A preload library: every fsync and fdatasync takes at least SLOW_FSYNC_US microseconds, as on a disk that is slower
 * than this machine's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int slowly(const char* name, int file) {
  enum { precise_ns = 1000 };
  int (*const real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char* const least = getenv("SLOW_FSYNC_US");
  const long long end = now_ns() + (least ? atoll(least) : 0) * 1000;
  prctl(PR_SET_TIMERSLACK, precise_ns); /* else a sleep ends 50 us late */
  const int result = real(file);
  const int error = errno;
  const struct timespec until = {end / 1000000000LL, end % 1000000000LL};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
  }
  errno = error;
  return result;
}

int fsync(int file) {
  return slowly("fsync", file);
}
int fdatasync(int file) {
  return slowly("fdatasync", file);
}
