# Password logins: what time tells a stranger, and what a flood of them costs.

setup() {
  load support/server
  export PLANTED_SECRETS="login-pass-1 login-wrong"
  new_home "test_$BATS_TEST_NUMBER"
}
teardown() { end_server; }

logins() { python3 "$support_directory/logins.py" "$@" --base "$BASE" --spool "$SPOOL"; }

@test "PWD-05: a wrong password and an unknown number take the same time" {
  # A cheap hash: what another path through the code would save stands out beside it.
  launch --argon2-memory 512 --argon2-iterations 1
  logins timing
}

@test "PWD-06: 1000 logins at once are answered within 5 s, within bounded memory, and codes still go out" {
  launch --hash-threads 1
  logins flood --pid "$SERVER_PID" --hash-threads 1
}
