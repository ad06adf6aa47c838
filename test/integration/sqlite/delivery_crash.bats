# R-10, R-11: kill -9 of a server that delivers through a gateway.

setup() {
  load ../support/server
  export PLANTED_SECRETS=whsec_
  new_home delivery
  SERVER_PID=
}
teardown() { end_server; }

@test "100 times kill -9 while messages go out: none is lost, none has two codes, a kill doubles at most one" {
  local flags
  mapfile -t flags < <(smsauthd_flags --sms hook)
  python3 "$support_directory/delivery_crash.py" --kills 100 --sends 3000 --conf "$SERVER_HOME/hook.conf" --log "$SERVER_LOG" \
    --pending "sqlite3 -cmd '.timeout 5000' '$SERVER_HOME/smsauthd.db' 'SELECT COUNT(*) FROM outbox WHERE state = 0'" \
    -- "$SMSAUTHD_TEST_BINARY" serve "${flags[@]}"
  equal 0 "$(sql 'SELECT COUNT(*) FROM outbox WHERE state <> 1')"
  equal 0 "$(sql "SELECT COUNT(*) FROM outbox WHERE sealed_body <> ''")"
}
