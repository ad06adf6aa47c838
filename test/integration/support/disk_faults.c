/* A preload library: a disk below SQLite's files that fails, and what is on it when the power goes.
 *
 * While a file of that name is in the directory DISK_FAULTS, fdatasync of the write-ahead log
 *   fail  returns EIO, and what was written since the last sync is lost: as in Linux the file reads as before, the pages
 *         count as clean, and only what is written again gets to the disk;
 *   hold  waits until the file is gone, and makes a file "held".
 * DISK_FAULTS/disk has both files as they are on that disk: what was synced, and nothing else. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { most_writes = 1 << 20, is_database = 0, is_log = 1, neither = 2 };

struct written {
  off_t at;
  size_t length;
};
static struct written dirty[2][most_writes];
static size_t dirty_count[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static int wanted(const char* fault) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", getenv("DISK_FAULTS"), fault);
  return access(path, F_OK) == 0;
}

static void note(const char* what) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", getenv("DISK_FAULTS"), what);
  close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int kind_of(int file) {
  static const char* const ends[] = {".db", ".db-wal"};
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  for (int kind = is_database; kind < neither; ++kind) {
    const size_t end = strlen(ends[kind]);
    if (length > (ssize_t)end && memcmp(path + (size_t)length - end, ends[kind], end) == 0) return kind;
  }
  return neither;
}

typedef ssize_t (*write_function)(int, const void*, size_t, off64_t);
static write_function real_write(void) {
  return (write_function)dlsym(RTLD_NEXT, "pwrite64");
}

static int image_of(int kind) {
  char path[4096];
  snprintf(path, sizeof path, "%s/disk/smsauthd.db%s", getenv("DISK_FAULTS"), kind == is_log ? "-wal" : "");
  return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

ssize_t pwrite64(int file, const void* octets, size_t length, off64_t at) {
  const ssize_t done = real_write()(file, octets, length, at);
  const int kind = kind_of(file);
  if (done <= 0 || kind == neither) return done;
  pthread_mutex_lock(&mutex);
  if (dirty_count[kind] == most_writes) abort();
  dirty[kind][dirty_count[kind]++] = (struct written){at, (size_t)done};
  pthread_mutex_unlock(&mutex);
  return done;
}
ssize_t pwrite(int file, const void* octets, size_t length, off_t at) {
  return pwrite64(file, octets, length, at);
}

/* Reads by SQLite's own descriptor: to close another one would drop its locks. */
static void get_to_disk(int kind, int file) {
  static char octets[1 << 17];
  const write_function write = real_write();
  const int image = image_of(kind);
  if (image < 0) abort();
  for (size_t i = 0; i < dirty_count[kind]; ++i) {
    const struct written* const each = &dirty[kind][i];
    if (each->length > sizeof octets) abort();
    const ssize_t count = pread(file, octets, each->length, each->at);
    if (count > 0 && write(image, octets, (size_t)count, each->at) != count) abort();
  }
  dirty_count[kind] = 0;
  close(image);
}

static int sync_of(int file, const char* name) {
  static const struct timespec tick = {0, 5000000};
  int (*const sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const int kind = kind_of(file);
  if (kind == neither) return sync(file);
  while (kind == is_log && wanted("hold")) {
    note("held");
    nanosleep(&tick, NULL);
  }
  const int fails = kind == is_log && wanted("fail");
  pthread_mutex_lock(&mutex);
  if (fails) {
    dirty_count[kind] = 0;
  } else {
    get_to_disk(kind, file);
  }
  pthread_mutex_unlock(&mutex);
  if (!fails) return sync(file);
  errno = EIO;
  return -1;
}
int fdatasync(int file) {
  return sync_of(file, "fdatasync");
}
int fsync(int file) {
  return sync_of(file, "fsync");
}
