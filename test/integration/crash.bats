# kill -9 in the middle of a load.

setup() {
  load support/server
  export PLANTED_SECRETS=crash-pass-1
  new_home crash
  SERVER_PID=
}
teardown() { end_server; }

@test "20 times kill -9 under load: nothing acknowledged is lost, no code works twice, the database opens" {
  local flags
  mapfile -t flags < <(smsauthd_flags --argon2-memory 8 --argon2-iterations 1)
  python3 "$support_directory/crash.py" --kills 20 --spool "$SPOOL" --log "$SERVER_LOG" -- \
    "$SMSAUTHD_TEST_BINARY" serve "${flags[@]}"
  # 137…: numbers that logged in with one code each.
  equal 0 "$(sql "SELECT COUNT(*) FROM (SELECT s.uid FROM session s JOIN identity i ON i.uid = s.uid WHERE i.phone LIKE '+86137%' GROUP BY s.uid HAVING COUNT(*) > 1) AS twice")"
  equal 0 "$(sql 'SELECT COUNT(*) FROM account WHERE uid NOT IN (SELECT uid FROM identity)')"
  equal 0 "$(sql 'SELECT COUNT(*) FROM identity WHERE uid NOT IN (SELECT uid FROM account)')"
  case $SMSAUTHD_TEST_ENGINE in
    sqlite) equal ok "$(sql 'PRAGMA integrity_check')" ;;
    mariadb) equal "" "$(mariadb_client -e "CHECK TABLE $DATABASE_NAME.account, $DATABASE_NAME.verification EXTENDED" | grep -v 'status.*OK')" ;;
  esac
}
