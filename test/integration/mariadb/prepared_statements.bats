# A MariaDB that has no room for another prepared statement: ours are closed and prepared again. On a server of its own,
# as the limit is everybody's.

setup() {
  load ../support/server
  # Not below bats' directory: the path of a Unix socket is short, and the user mysql has to reach it.
  private=$(mktemp -d)
  chmod 755 "$private"
  "$scripts_directory/mariadb-for-tests" start "$private/db"
  source <("$scripts_directory/mariadb-for-tests" env "$private/db")
  export SMSAUTHD_TEST_MYSQL_URI SMSAUTHD_TEST_MARIADB_SOCKET SMSAUTHD_TEST_MARIADB_DIR
  mariadb_client -e "SET GLOBAL max_prepared_stmt_count = 30"
  start_server
}
teardown() {
  end_server
  "$scripts_directory/mariadb-for-tests" stop "$private/db"
  rm -rf "$private"
}

@test "with room for 30 prepared statements everything is served, and no message goes out twice" {
  log_has "no room for our prepared statements.*max_prepared_stmt_count=30"
  python3 "$support_directory/load.py" sends --base "$BASE" --spool "$SPOOL" --count 300
  [ "$(wc -l <"$SPOOL")" = 300 ]
  # The limit was reached, or this shows nothing.
  [ "$(mariadb_client -e "SHOW GLOBAL STATUS LIKE 'Com_stmt_close'" | cut -f2)" -gt 20 ]
  terminate
  launch
  wait_until 10 answers_delivered
  [ "$(wc -l <"$SPOOL")" = 300 ]
}

answers_delivered() { [ "$(sql "SELECT COUNT(*) FROM outbox WHERE state = 0")" = 0 ]; }
