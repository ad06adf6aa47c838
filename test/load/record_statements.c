/* A preload library: appends each statement that a program runs on SQLite or MariaDB to the file RECORD_STATEMENTS, one
 * a line. scripts/bench sees with it that its reference programs run what the server runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sqlite3_stmt;
struct st_mysql;

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
