/* A preload library: what fdatasync of a write-ahead log does while a file of that name is in the directory DISK_FAULTS:
 * "fail" is EIO, "hold" waits until it is gone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int wanted(const char* fault) {
  char path[4096];
  const char* const directory = getenv("DISK_FAULTS");
  if (!directory) return 0;
  snprintf(path, sizeof path, "%s/%s", directory, fault);
  return access(path, F_OK) == 0;
}

static int is_log(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  return length > 4 && memcmp(path + length - 4, "-wal", 4) == 0;
}

int fdatasync(int file) {
  static const struct timespec tick = {0, 5000000};
  int (*const real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (!is_log(file)) return real(file);
  while (wanted("hold"))
    nanosleep(&tick, NULL);
  if (!wanted("fail")) return real(file);
  errno = EIO;
  return -1;
}
