# R-10, R-26: two nodes deliver from one MariaDB, and are killed in turn.

setup() {
  load ../support/server
  export PLANTED_SECRETS=whsec_
  new_home delivery
  SERVER_PID=
}
teardown() { end_server; }

run_nodes() {
  local flags
  mapfile -t flags < <(smsauthd_flags --sms hook)
  python3 "$support_directory/delivery_crash.py" "$@" --nodes 2 --conf "$SERVER_HOME/hook.conf" --log "$SERVER_LOG" \
    --pending "mariadb --no-defaults --user=root --socket='$SMSAUTHD_TEST_MARIADB_SOCKET' --batch --skip-column-names '$DATABASE_NAME' -e 'SELECT COUNT(*) FROM outbox WHERE state = 0'" \
    -- "$SMSAUTHD_TEST_BINARY" serve "${flags[@]}"
  equal 0 "$(sql 'SELECT COUNT(*) FROM outbox WHERE state <> 1')"
  equal 0 "$(sql "SELECT COUNT(*) FROM outbox WHERE sealed_body <> ''")"
}

@test "200 times kill -9 of two nodes in turn, 10 000 sends: none is lost, none has two codes, a kill doubles at most one" {
  run_nodes --kills 200 --sends 10000
}

@test "two nodes without a kill: 2 000 sends, and nothing is doubled" {
  run_nodes --kills 0 --sends 2000
}
