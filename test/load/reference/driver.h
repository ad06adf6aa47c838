/* Runs flows against an engine: `clients` of them at a time, each asking for its next step when the last one is
 * committed. A step is a transaction of its own, or up to `batch` steps that wait share one, a savepoint each: what the
 * service does without HTTP, JSON and cryptography around it. */
#ifndef SMSAUTH_LOAD_DRIVER_H
#define SMSAUTH_LOAD_DRIVER_H

#include "flow.h"

#include <stdint.h>

struct engine {
  void* self;
  void (*begin)(void* self);
  void (*commit)(void* self);
  void (*savepoint)(void* self); /* NULL: none */
  void (*release_savepoint)(void* self);
  /* Returns the number of the first column of a row, 0 without one. Ends the program on an error. */
  long long (*run)(void* self, enum statement_id which, const struct flow* of);
};

struct drive_settings {
  int clients;
  int batch; /* 1: a transaction for each step */
  double seconds;
  uint64_t first;  /* position of the first flow */
  uint64_t stride; /* between flows, when threads share the positions */
};

/* Returns the flows done. */
uint64_t drive(const struct engine* on, const struct drive_settings* how);

double monotonic_seconds(void);
double process_cpu_seconds(void);

/* name\ttext of each statement, values as ?. */
void print_statements(int mysql);

#endif
