#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum step { send_step, login_step, mark_step };
enum { max_clients = 4096, mark_client = -1, max_marks = 64 };

struct job {
  enum step what;
  int client; /* mark_client: none */
};

struct run {
  const struct engine* on;
  struct drive_settings how;
  struct flow* flows; /* one of each client */
  struct job* queue;  /* a ring: each client has one job in it, and the marks one */
  int capacity, head, length;
  struct flow marked; /* message ids of outbox.finish8 */
  char (*sent)[33];   /* ids to mark */
  int sent_count;
  int mark_queued;
  uint64_t position, done;
  long long next_uid, last_uid;
};

static void push(struct run* r, enum step what, int client) {
  r->queue[(r->head + r->length++) % r->capacity] = (struct job){what, client};
}

/* Marks go first, as the service's do: else more become due than a job of them takes. */
static void push_first(struct run* r, enum step what, int client) {
  r->head = (r->head + r->capacity - 1) % r->capacity;
  r->queue[r->head] = (struct job){what, client};
  ++r->length;
}

static struct job pop(struct run* r) {
  const struct job first = r->queue[r->head];
  r->head = (r->head + 1) % r->capacity;
  --r->length;
  return first;
}

static void begin_flow(struct run* r, int client) {
  make_flow(&r->flows[client], r->position, 0);
  r->position += r->how.stride;
  push(r, send_step, client);
}

static void take_uids(struct run* r) {
  r->on->run(r->on->self, move_sequence, &r->flows[0]);
  const long long end = r->on->run(r->on->self, read_sequence, &r->flows[0]);
  r->next_uid = end - uids_per_block;
  r->last_uid = end;
}

static void run_login(struct run* r, struct flow* flow) {
  static const enum statement_id order[] = {charge_try,    consume_code,   note_used,      clear_tries, find_by_phone,
                                            claim_identity, create_account, create_session};
  if (r->next_uid == r->last_uid) take_uids(r);
  flow->uid = r->next_uid++;
  for (size_t i = 0; i < sizeof order / sizeof *order; ++i)
    r->on->run(r->on->self, order[i], flow);
}

static void run_marks(struct run* r) {
  int done = 0;
  for (; done + marks_per_statement <= r->sent_count && done < max_marks; done += marks_per_statement) {
    memcpy(r->marked.marked, r->sent[done], sizeof r->marked.marked);
    r->marked.now_ms = now_ms();
    r->on->run(r->on->self, finish_messages, &r->marked);
  }
  r->sent_count -= done;
  memmove(r->sent, r->sent[done], (size_t)r->sent_count * sizeof *r->sent);
}

static void run_step(struct run* r, const struct job* next) {
  struct flow* const flow = next->client == mark_client ? NULL : &r->flows[next->client];
  switch (next->what) {
    case send_step:
      r->on->run(r->on->self, charge_send, flow);
      r->on->run(r->on->self, record_code, flow);
      r->on->run(r->on->self, record_message, flow);
      break;
    case login_step:
      run_login(r, flow);
      break;
    case mark_step:
      run_marks(r);
      break;
  }
}

/* After the commit: what the client, or the dispatcher, does next. */
static void follow(struct run* r, const struct job* done) {
  switch (done->what) {
    case send_step:
      memcpy(r->sent[r->sent_count++], r->flows[done->client].message_id, sizeof *r->sent);
      push(r, login_step, done->client);
      break;
    case login_step:
      ++r->done;
      begin_flow(r, done->client);
      break;
    case mark_step:
      r->mark_queued = 0;
      break;
  }
  if (!r->mark_queued && r->sent_count >= marks_per_statement) {
    r->mark_queued = 1;
    push_first(r, mark_step, mark_client);
  }
}

static void run_transaction(struct run* r, struct job* jobs) {
  const int savepoints = r->how.batch > 1 && r->on->savepoint != NULL;
  int count = 0;
  r->on->begin(r->on->self);
  while (count < r->how.batch && r->length > 0) {
    jobs[count] = pop(r);
    if (savepoints) r->on->savepoint(r->on->self);
    run_step(r, &jobs[count++]);
    if (savepoints) r->on->release_savepoint(r->on->self);
  }
  r->on->commit(r->on->self);
  for (int i = 0; i < count; ++i)
    follow(r, &jobs[i]);
}

uint64_t drive(const struct engine* on, const struct drive_settings* how) {
  struct run r = {.on = on, .how = *how, .position = how->first, .capacity = how->clients + 1};
  if (how->clients < 1 || how->clients > max_clients || how->batch < 1) exit(2);
  r.flows = calloc((size_t)how->clients, sizeof *r.flows);
  r.queue = calloc((size_t)r.capacity, sizeof *r.queue);
  r.sent = calloc((size_t)how->clients + max_marks + marks_per_statement, sizeof *r.sent);
  struct job* jobs = calloc((size_t)how->batch, sizeof *jobs);
  if (!r.flows || !r.queue || !r.sent || !jobs) exit(1);
  for (int i = 0; i < how->clients; ++i)
    begin_flow(&r, i);
  const double end = monotonic_seconds() + how->seconds;
  while (monotonic_seconds() < end)
    run_transaction(&r, jobs);
  free(jobs);
  free(r.sent);
  free(r.queue);
  free(r.flows);
  return r.done;
}

static double seconds_of(clockid_t which) {
  struct timespec now;
  clock_gettime(which, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double monotonic_seconds(void) {
  return seconds_of(CLOCK_MONOTONIC);
}
double process_cpu_seconds(void) {
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

void print_statements(int mysql) {
  for (int i = 0; i < statement_count; ++i) {
    const struct statement* s = &statements[i];
    printf("%s\t%s\n", s->name, mysql && s->mysql ? s->mysql : s->sqlite);
  }
}
