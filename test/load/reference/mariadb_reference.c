/* The flows' statements on MariaDB by a C program: a thread for each connection, each with its own flows.
 *
 *   mariadb_reference SOCKET DATABASE --seconds S --first POSITION [--connections N] [--clients N] [--batch N]
 *                     [--protocol text|prepared]
 *   mariadb_reference --print-statements
 *
 * Logs in as root over the socket of scripts/mariadb-for-tests; DATABASE has the schema already. Clients are those of
 * one connection. Prints one JSON object. Sessions are set up as the service's. */
#include "driver.h"

#include <mysql.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { max_connections = 64, max_text = 4096 };

struct mariadb_engine {
  MYSQL* db;
  int prepared; /* protocol */
  MYSQL_STMT* statements[statement_count];
};

struct worker {
  pthread_t thread;
  struct mariadb_engine engine;
  struct drive_settings how;
  uint64_t flows;
};

static _Noreturn void fail(const char* what, const char* why) {
  fprintf(stderr, "mariadb_reference: %s: %s\n", what, why);
  exit(1);
}

static void execute(MYSQL* db, const char* text, unsigned long length) {
  if (mysql_real_query(db, text, length) != 0) fail(text, mysql_error(db));
}

static const char* text_of(enum statement_id which) {
  return statements[which].mysql ? statements[which].mysql : statements[which].sqlite;
}

static void open_session(struct mariadb_engine* e, const char* socket, const char* database) {
  static const char* const first[] = {
      "SET SESSION sql_mode='STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
      "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", "SET SESSION autocommit=0"};
  e->db = mysql_init(NULL);
  mysql_options(e->db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!mysql_real_connect(e->db, NULL, "root", NULL, database, 0, socket, 0)) fail("connect", mysql_error(e->db));
  for (size_t i = 0; i < sizeof first / sizeof *first; ++i)
    execute(e->db, first[i], strlen(first[i]));
  for (int i = 0; e->prepared && i < statement_count; ++i) {
    const char* const text = text_of(i);
    e->statements[i] = mysql_stmt_init(e->db);
    if (mysql_stmt_prepare(e->statements[i], text, strlen(text)) != 0) fail(text, mysql_stmt_error(e->statements[i]));
  }
}

static void begin(void* self) {
  (void)self;
} /* sessions are never in autocommit */

static void commit(void* self) {
  struct mariadb_engine* const e = self;
  execute(e->db, "COMMIT", 6);
}

/* Our values hold nothing that needs an escape. */
static long long run_text(struct mariadb_engine* e, enum statement_id which, const struct flow* of) {
  char text[max_text];
  size_t length = 0;
  const char* letter = statements[which].values;
  for (const char* c = text_of(which); *c != '\0'; ++c) {
    if (*c != '?') {
      text[length++] = *c;
      continue;
    }
    const struct value v = value_of(of, *letter++);
    length += (size_t)(v.text ? snprintf(text + length, sizeof text - length, "'%s'", v.text)
                              : snprintf(text + length, sizeof text - length, "%lld", v.number));
  }
  execute(e->db, text, length);
  long long first = 0;
  if (statements[which].has_rows) {
    MYSQL_RES* const rows = mysql_store_result(e->db);
    if (!rows) fail(statements[which].name, mysql_error(e->db));
    for (MYSQL_ROW row = mysql_fetch_row(rows); row != NULL; row = mysql_fetch_row(rows))
      first = row[0] ? atoll(row[0]) : 0;
    mysql_free_result(rows);
  }
  return first;
}

static long long run_prepared(struct mariadb_engine* e, enum statement_id which, const struct flow* of) {
  MYSQL_STMT* const s = e->statements[which];
  MYSQL_BIND bound[max_values];
  struct value values[max_values];
  memset(bound, 0, sizeof bound);
  const char* letter = statements[which].values;
  for (int i = 0; *letter != '\0'; ++i, ++letter) {
    values[i] = value_of(of, *letter);
    bound[i].buffer_type = values[i].text ? MYSQL_TYPE_STRING : MYSQL_TYPE_LONGLONG;
    bound[i].buffer = values[i].text ? (void*)values[i].text : (void*)&values[i].number;
    if (values[i].text) bound[i].buffer_length = strlen(values[i].text);
  }
  if (mysql_stmt_bind_param(s, bound) != 0 || mysql_stmt_execute(s) != 0)
    fail(statements[which].name, mysql_stmt_error(s));
  long long first = 0;
  if (statements[which].has_rows) {
    if (mysql_stmt_store_result(s) != 0) fail(statements[which].name, mysql_stmt_error(s));
    if (mysql_stmt_num_rows(s) > 0) {
      MYSQL_BIND column = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &first};
      if (which != read_sequence || mysql_stmt_bind_result(s, &column) != 0 || mysql_stmt_fetch(s) != 0)
        fail(statements[which].name, "unexpected row");
    }
    mysql_stmt_free_result(s);
  }
  return first;
}

static long long run_statement(void* self, enum statement_id which, const struct flow* of) {
  struct mariadb_engine* const e = self;
  return e->prepared ? run_prepared(e, which, of) : run_text(e, which, of);
}

static void* work(void* self) {
  struct worker* const w = self;
  const struct engine on = {&w->engine, begin, commit, NULL, NULL, run_statement};
  w->flows = drive(&on, &w->how);
  return NULL;
}

int main(int count, char** words) {
  if (count == 2 && strcmp(words[1], "--print-statements") == 0) {
    print_statements(1);
    return 0;
  }
  if (count < 3) return 2;
  struct drive_settings how = {.clients = 1, .batch = 1, .seconds = 5, .first = 0};
  int connections = 4, prepared = 1;
  for (int i = 3; i + 1 < count; i += 2) {
    if (strcmp(words[i], "--seconds") == 0) how.seconds = atof(words[i + 1]);
    if (strcmp(words[i], "--first") == 0) how.first = strtoull(words[i + 1], NULL, 10);
    if (strcmp(words[i], "--connections") == 0) connections = atoi(words[i + 1]);
    if (strcmp(words[i], "--clients") == 0) how.clients = atoi(words[i + 1]);
    if (strcmp(words[i], "--batch") == 0) how.batch = atoi(words[i + 1]);
    if (strcmp(words[i], "--protocol") == 0) prepared = strcmp(words[i + 1], "prepared") == 0;
  }
  if (connections < 1 || connections > max_connections) return 2;
  how.stride = (uint64_t)connections;
  static struct worker workers[max_connections];
  seed_flows(how.first + (uint64_t)now_ms());
  for (int i = 0; i < connections; ++i) {
    workers[i].engine.prepared = prepared;
    workers[i].how = how;
    workers[i].how.first += (uint64_t)i;
    open_session(&workers[i].engine, words[1], words[2]);
  }
  const double began = monotonic_seconds(), cpu = process_cpu_seconds();
  for (int i = 0; i < connections; ++i)
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) return 1;
  uint64_t flows = 0;
  for (int i = 0; i < connections; ++i) {
    pthread_join(workers[i].thread, NULL);
    flows += workers[i].flows;
  }
  const double seconds = monotonic_seconds() - began, used = process_cpu_seconds() - cpu;
  printf("{\"seconds\":%.4f,\"flows\":%llu,\"rate\":%.1f,\"cpu_us_per_flow\":%.2f}\n", seconds,
         (unsigned long long)flows, (double)flows / seconds, flows ? used * 1e6 / (double)flows : 0.0);
  for (int i = 0; i < connections; ++i)
    mysql_close(workers[i].engine.db);
  return 0;
}
