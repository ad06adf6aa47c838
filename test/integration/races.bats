# Many connections at once against the shipped binary: the rules hold under every interleaving.

setup_file() {
  load support/server
  export PLANTED_SECRETS="race-pass"
  # A cheap hash: what races here is the database, not Argon2.
  start_server --argon2-memory 8 --argon2-iterations 1 --hash-queue 1024
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; }

race() { python3 "$support_directory/race.py" "$@" --base "$BASE" --spool "$SPOOL"; }

@test "one code, 64 right answers at once: one success, 200 rounds" {
  race single-use --rounds 200
  equal 0 "$(sql 'SELECT COUNT(*) FROM (SELECT uid FROM session GROUP BY uid HAVING COUNT(*) > 1) AS twice')"
}

@test "200 wrong answers at once: at most five are compared, and the right one comes too late" {
  phone=$(race wrong-answers)
  is_at_most "$(sql "SELECT MAX(attempts) FROM verification WHERE phone = '+86$phone'")" 5
  equal 0 "$(sql "SELECT COUNT(*) FROM identity WHERE phone = '+86$phone'")"
}

@test "64 registrations of one number at once, in many spellings and two dialects: one account" {
  phone=$(race registrations)
  equal 1 "$(sql "SELECT COUNT(*) FROM identity WHERE phone LIKE '%${phone:2}'")"
  equal 1 "$(sql "SELECT COUNT(*) FROM account WHERE phone LIKE '%${phone:2}'")"
  equal 0 "$(sql 'SELECT COUNT(*) FROM account WHERE uid NOT IN (SELECT uid FROM identity)')"
}

@test "500 sends to one number at once: one message" {
  phone=$(race sends)
  equal 1 "$(sql "SELECT hour_sends FROM phone_quota WHERE phone = '+86$phone'")"
}

@test "32 refreshes of one token at once: one successor, nobody is logged out" {
  race refreshes --rounds 20
}

@test "32 resets with one code at once: one new password" {
  race resets
}
