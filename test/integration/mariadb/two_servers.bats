# Two smsauthd on one MariaDB are one service: limits, single use and accounts hold over both.

setup_file() {
  load ../support/server
  export PLANTED_SECRETS="race-pass"
  cheap=(--argon2-memory 8 --argon2-iterations 1 --hash-queue 1024)
  start_server "${cheap[@]}"
  export FIRST_BASE=$BASE FIRST_HOME=$SERVER_HOME
  # The second one shares the database, the key and, for the test's convenience, the spool.
  export SERVER_HOME=$BATS_FILE_TMPDIR/second
  export SERVER_LOG=$SERVER_HOME/log
  mkdir -p "$SERVER_HOME"
  : >"$SERVER_LOG"
  launch "${cheap[@]}" --secret-file "$FIRST_HOME/secret.key"
}

teardown_file() {
  load ../support/server
  local failed=0
  cp "$SPOOL" "$SERVER_HOME/spool.jsonl"
  KEEP_DATABASE=yes end_server || failed=1
  export SERVER_HOME=$FIRST_HOME SERVER_LOG=$FIRST_HOME/log
  end_server || failed=1
  return "$failed"
}

setup() { load ../support/server; }

race() { python3 "$support_directory/race.py" "$@" --base "$FIRST_BASE" --other-base "$BASE" --spool "$SPOOL"; }

@test "one code, 64 right answers at once to two servers: one success, 50 rounds" {
  race single-use --rounds 50
  equal 0 "$(sql 'SELECT COUNT(*) FROM (SELECT uid FROM session GROUP BY uid HAVING COUNT(*) > 1) AS twice')"
}

@test "200 wrong answers at once to two servers: at most five are compared" {
  phone=$(race wrong-answers)
  is_at_most "$(sql "SELECT MAX(attempts) FROM verification WHERE phone = '+86$phone'")" 5
}

@test "64 registrations of one number at once at two servers: one account" {
  phone=$(race registrations)
  equal 1 "$(sql "SELECT COUNT(*) FROM account WHERE phone LIKE '%${phone:2}'")"
}

@test "500 sends to one number at once to two servers: one message" {
  phone=$(race sends)
  equal 1 "$(sql "SELECT hour_sends FROM phone_quota WHERE phone = '+86$phone'")"
}

@test "32 refreshes of one token at once at two servers: one successor" {
  race refreshes --rounds 10
}
