# OTP-03 at REPEATABLE READ: our conditional statements do not lean on the isolation level that we set.

setup_file() {
  load ../support/server
  export PLANTED_SECRETS=race-pass
  start_server --db-init-sql 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ' --argon2-memory 8 --argon2-iterations 1 --hash-queue 1024
}
teardown_file() { load ../support/server; end_server; }
setup() { load ../support/server; }

race() { python3 "$support_directory/race.py" "$@" --base "$BASE" --spool "$SPOOL"; }

@test "REPEATABLE READ: one code, 64 right answers at once: one success, 50 rounds" {
  race single-use --rounds 50
  equal 0 "$(sql 'SELECT COUNT(*) FROM (SELECT uid FROM session GROUP BY uid HAVING COUNT(*) > 1) AS twice')"
}

@test "REPEATABLE READ: 200 wrong answers at once, 64 registrations at once" {
  phone=$(race wrong-answers)
  is_at_most "$(sql "SELECT MAX(attempts) FROM verification WHERE phone = '+86$phone'")" 5
  phone=$(race registrations)
  equal 1 "$(sql "SELECT COUNT(*) FROM identity WHERE phone LIKE '%${phone:2}'")"
}
