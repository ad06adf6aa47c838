/* A preload library: appends each statement that a program runs on SQLite or MariaDB to the file RECORD_STATEMENTS, one
 * a line. scripts/bench sees with it that its reference programs run what the server runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sqlite3_stmt;
struct st_mysql;
struct st_mysql_stmt;

static void record(const char* text, size_t length) {
  static int file = -2;
  if (file == -2) {
    const char* const path = getenv("RECORD_STATEMENTS");
    file = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
  }
  char* const line = malloc(length + 1);
  if (file < 0 || line == NULL) return;
  for (size_t i = 0; i < length; ++i)
    line[i] = text[i] == '\n' ? ' ' : text[i];
  line[length] = '\n';
  if (write(file, line, length + 1) < 0) perror("record_statements");
  free(line);
}

int sqlite3_step(struct sqlite3_stmt* statement) {
  int (*const real)(struct sqlite3_stmt*) = (int (*)(struct sqlite3_stmt*))dlsym(RTLD_NEXT, "sqlite3_step");
  int (*const busy)(struct sqlite3_stmt*) = (int (*)(struct sqlite3_stmt*))dlsym(RTLD_DEFAULT, "sqlite3_stmt_busy");
  const char* (*const text)(struct sqlite3_stmt*) =
      (const char* (*)(struct sqlite3_stmt*))dlsym(RTLD_DEFAULT, "sqlite3_sql");
  const char* const sql = text(statement);
  if (!busy(statement) && sql != NULL) record(sql, strlen(sql)); /* busy: the next row of the same run */
  return real(statement);
}

int mysql_real_query(struct st_mysql* session, const char* text, unsigned long length) {
  int (*const real)(struct st_mysql*, const char*, unsigned long) =
      (int (*)(struct st_mysql*, const char*, unsigned long))dlsym(RTLD_NEXT, "mysql_real_query");
  record(text, length);
  return real(session, text, length);
}

/* The texts of prepared statements, which are executed without them. */
struct prepared {
  struct st_mysql_stmt* statement;
  char* text;
  struct prepared* next;
};
static struct prepared* all_prepared;
static pthread_mutex_t prepared_lock = PTHREAD_MUTEX_INITIALIZER;

int mysql_stmt_prepare(struct st_mysql_stmt* statement, const char* text, unsigned long length) {
  int (*const real)(struct st_mysql_stmt*, const char*, unsigned long) =
      (int (*)(struct st_mysql_stmt*, const char*, unsigned long))dlsym(RTLD_NEXT, "mysql_stmt_prepare");
  struct prepared* const made = malloc(sizeof *made);
  if (made != NULL) {
    made->statement = statement;
    made->text = strndup(text, length);
    pthread_mutex_lock(&prepared_lock);
    made->next = all_prepared; /* the newest first: an address may be used again */
    all_prepared = made;
    pthread_mutex_unlock(&prepared_lock);
  }
  return real(statement, text, length);
}

int mysql_stmt_execute(struct st_mysql_stmt* statement) {
  int (*const real)(struct st_mysql_stmt*) =
      (int (*)(struct st_mysql_stmt*))dlsym(RTLD_NEXT, "mysql_stmt_execute");
  pthread_mutex_lock(&prepared_lock);
  const struct prepared* found = all_prepared;
  while (found != NULL && found->statement != statement)
    found = found->next;
  const char* const text = found != NULL ? found->text : NULL;
  pthread_mutex_unlock(&prepared_lock);
  if (text != NULL) record(text, strlen(text));
  return real(statement);
}
