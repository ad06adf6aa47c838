/* The flows' statements on SQLite by a C program: what a server without HTTP, JSON and cryptography would reach.
 *
 *   sqlite_reference FILE --seconds S --first POSITION [--clients N] [--batch N]
 *   sqlite_reference --print-statements
 *
 * FILE has the schema already. Prints one JSON object. Pragmas and the checkpoint thread are those of the service. */
#include "driver.h"

#include <sqlite3.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { busy_ms = 5000, begin_text = statement_count, commit_text, savepoint_text, release_text, prepared_count };

struct sqlite_engine {
  sqlite3* db;
  sqlite3_stmt* prepared[prepared_count];
};

static _Noreturn void fail(sqlite3* db, const char* what) {
  fprintf(stderr, "sqlite_reference: %s: %s\n", what, sqlite3_errmsg(db));
  exit(1);
}

static void execute(sqlite3* db, const char* text) {
  if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) fail(db, text);
}

static sqlite3* open_database(const char* path) {
  sqlite3* db = NULL;
  if (sqlite3_open(path, &db) != SQLITE_OK) fail(db, path);
  sqlite3_busy_timeout(db, busy_ms);
  execute(db, "PRAGMA journal_mode=WAL");
  execute(db, "PRAGMA synchronous=FULL");
  execute(db, "PRAGMA foreign_keys=ON");
  execute(db, "PRAGMA wal_autocheckpoint=8000");
  execute(db, "PRAGMA cache_size=-16384");
  return db;
}

/* Extending the WAL costs a journal commit until it has been grown once; the service does the same at its start. */
static void grow_wal(sqlite3* db) {
  execute(db, "CREATE TABLE IF NOT EXISTS wal_grower (filler BLOB)");
  execute(db, "INSERT INTO wal_grower VALUES (zeroblob(4194304))");
  execute(db, "DELETE FROM wal_grower");
  execute(db, "PRAGMA wal_checkpoint(RESTART)");
}

static void prepare(struct sqlite_engine* e) {
  static const char* const control[] = {"BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT unit", "RELEASE SAVEPOINT unit"};
  for (int i = 0; i < prepared_count; ++i) {
    const char* const text = i < statement_count ? statements[i].sqlite : control[i - statement_count];
    if (sqlite3_prepare_v3(e->db, text, -1, SQLITE_PREPARE_PERSISTENT, &e->prepared[i], NULL) != SQLITE_OK)
      fail(e->db, text);
  }
}

static void run_control(struct sqlite_engine* e, int which) {
  if (sqlite3_step(e->prepared[which]) != SQLITE_DONE) fail(e->db, sqlite3_sql(e->prepared[which]));
  sqlite3_reset(e->prepared[which]);
}

static void begin(void* self) {
  run_control(self, begin_text);
}
static void commit(void* self) {
  run_control(self, commit_text);
}
static void savepoint(void* self) {
  run_control(self, savepoint_text);
}
static void release_savepoint(void* self) {
  run_control(self, release_text);
}

static long long run_statement(void* self, enum statement_id which, const struct flow* of) {
  struct sqlite_engine* const e = self;
  sqlite3_stmt* const s = e->prepared[which];
  const char* letter = statements[which].values;
  for (int i = 1; *letter != '\0'; ++i, ++letter) {
    const struct value v = value_of(of, *letter);
    if (v.text != NULL) {
      sqlite3_bind_text(s, i, v.text, -1, SQLITE_STATIC);
    } else {
      sqlite3_bind_int64(s, i, v.number);
    }
  }
  long long first = 0;
  int state = sqlite3_step(s);
  while (state == SQLITE_ROW) {
    first = sqlite3_column_int64(s, 0);
    state = sqlite3_step(s);
  }
  if (state != SQLITE_DONE) fail(e->db, statements[which].name);
  sqlite3_reset(s);
  return first;
}

static atomic_int ended;

/* Once a second, as the service does. */
static void* checkpoint(void* path) {
  sqlite3* const db = open_database(path);
  const struct timespec tick = {0, 50000000};
  for (int ticks = 1; !ended; ++ticks) {
    nanosleep(&tick, NULL);
    if (ticks % 20 == 0) execute(db, "PRAGMA wal_checkpoint(PASSIVE)");
  }
  sqlite3_close(db);
  return NULL;
}

int main(int count, char** words) {
  if (count == 2 && strcmp(words[1], "--print-statements") == 0) {
    print_statements(0);
    return 0;
  }
  struct drive_settings how = {.clients = 64, .batch = 64, .seconds = 5, .first = 0, .stride = 1};
  for (int i = 2; i + 1 < count; i += 2) {
    if (strcmp(words[i], "--seconds") == 0) how.seconds = atof(words[i + 1]);
    if (strcmp(words[i], "--first") == 0) how.first = strtoull(words[i + 1], NULL, 10);
    if (strcmp(words[i], "--clients") == 0) how.clients = atoi(words[i + 1]);
    if (strcmp(words[i], "--batch") == 0) how.batch = atoi(words[i + 1]);
  }
  if (count < 2) return 2;
  struct sqlite_engine e = {.db = open_database(words[1])};
  grow_wal(e.db);
  prepare(&e);
  seed_flows(how.first + (uint64_t)now_ms());
  pthread_t checkpoints;
  if (pthread_create(&checkpoints, NULL, checkpoint, words[1]) != 0) return 1;
  const struct engine on = {&e, begin, commit, savepoint, release_savepoint, run_statement};
  const double began = monotonic_seconds(), cpu = process_cpu_seconds();
  const uint64_t flows = drive(&on, &how);
  const double seconds = monotonic_seconds() - began, used = process_cpu_seconds() - cpu;
  printf("{\"seconds\":%.4f,\"flows\":%llu,\"rate\":%.1f,\"cpu_us_per_flow\":%.2f}\n", seconds,
         (unsigned long long)flows, (double)flows / seconds, flows ? used * 1e6 / (double)flows : 0.0);
  ended = 1;
  pthread_join(checkpoints, NULL);
  for (int i = 0; i < prepared_count; ++i)
    sqlite3_finalize(e.prepared[i]);
  sqlite3_close(e.db);
  return 0;
}
