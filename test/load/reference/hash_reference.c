/* Password hashes a second by libsodium or libargon2 alone, with the parameters of the service.
 *
 *   hash_reference --library libsodium|libargon2 --threads N --seconds S --memory KIB --passes N
 *
 * Verifies, as a login does, in threads at nice 10, as the service's are. Prints one JSON object. */
#define _GNU_SOURCE
#include <argon2.h>
#include <sodium.h>

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { max_threads = 64, low_priority = 10 };

static const char password[] = "flow-pass-1";
static char phc[crypto_pwhash_STRBYTES];
static int sodium = 1;
static double end;

struct worker {
  pthread_t thread;
  unsigned long hashes;
};

static double monotonic_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void* work(void* self) {
  struct worker* const w = self;
  setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), low_priority);
  while (monotonic_seconds() < end) {
    const int wrong = sodium ? crypto_pwhash_str_verify(phc, password, strlen(password))
                             : argon2id_verify(phc, password, strlen(password));
    if (wrong != 0) exit(1);
    ++w->hashes;
  }
  return NULL;
}

int main(int count, char** words) {
  int threads = 1;
  double seconds = 5;
  unsigned memory_kib = 19456, passes = 2;
  for (int i = 1; i + 1 < count; i += 2) {
    if (strcmp(words[i], "--library") == 0) sodium = strcmp(words[i + 1], "libsodium") == 0;
    if (strcmp(words[i], "--threads") == 0) threads = atoi(words[i + 1]);
    if (strcmp(words[i], "--seconds") == 0) seconds = atof(words[i + 1]);
    if (strcmp(words[i], "--memory") == 0) memory_kib = (unsigned)atoi(words[i + 1]);
    if (strcmp(words[i], "--passes") == 0) passes = (unsigned)atoi(words[i + 1]);
  }
  if (threads < 1 || threads > max_threads || sodium_init() < 0) return 2;
  if (crypto_pwhash_str_alg(phc, password, strlen(password), passes, (size_t)memory_kib * 1024,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    return 1;
  static struct worker workers[max_threads];
  const double began = monotonic_seconds();
  end = began + seconds;
  for (int i = 0; i < threads; ++i)
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) return 1;
  unsigned long hashes = 0;
  for (int i = 0; i < threads; ++i) {
    pthread_join(workers[i].thread, NULL);
    hashes += workers[i].hashes;
  }
  const double taken = monotonic_seconds() - began;
  printf("{\"seconds\":%.4f,\"hashes\":%lu,\"rate\":%.2f}\n", taken, hashes, (double)hashes / taken);
  return 0;
}
