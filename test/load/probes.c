/* What makes the figures of two runs comparable.
 *
 *   probes alu THREADS     millions of dependent multiply-and-shift steps a second, all threads together
 *   probes fdatasync DIR   median microseconds of an fdatasync after a write of 4 KiB to a file in DIR */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { max_threads = 64, alu_ms = 300, steps_at_once = 100000, syncs = 300, page = 4096 };

struct worker {
  pthread_t thread;
  uint64_t steps, result;
};

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void* count(void* self) {
  struct worker* const w = self;
  const double end = now_us() + alu_ms * 1e3;
  uint64_t x = 88172645463325252ULL;
  while (now_us() < end) {
    for (int i = 0; i < steps_at_once; ++i)
      x = (x ^ (x >> 31)) * 0xbf58476d1ce4e5b9ULL;
    w->steps += steps_at_once;
  }
  w->result = x;
  return NULL;
}

static int alu(int threads) {
  static struct worker workers[max_threads];
  if (threads < 1 || threads > max_threads) return 2;
  const double began = now_us();
  for (int i = 0; i < threads; ++i)
    if (pthread_create(&workers[i].thread, NULL, count, &workers[i]) != 0) return 1;
  uint64_t steps = 0, mixed = 0;
  for (int i = 0; i < threads; ++i) {
    pthread_join(workers[i].thread, NULL);
    steps += workers[i].steps;
    mixed ^= workers[i].result;
  }
  printf("%.1f\n", (double)steps / (now_us() - began));
  return mixed == 1; /* the work may not be optimised away */
}

static int compare(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static int sync_cost(const char* directory) {
  char path[4096];
  static char block[page];
  double costs[syncs];
  snprintf(path, sizeof path, "%s/fdatasync.probe", directory);
  const int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
  for (int i = 0; i < syncs; ++i) {
    if (file < 0 || pwrite(file, block, page, 0) != page) return 1;
    const double began = now_us();
    if (fdatasync(file) != 0) return 1;
    costs[i] = now_us() - began;
  }
  close(file);
  unlink(path);
  qsort(costs, syncs, sizeof *costs, compare);
  printf("%.1f\n", costs[syncs / 2]);
  return 0;
}

int main(int count_of_words, char** words) {
  if (count_of_words != 3) return 2;
  if (strcmp(words[1], "alu") == 0) return alu(atoi(words[2]));
  if (strcmp(words[1], "fdatasync") == 0) return sync_cost(words[2]);
  return 2;
}
