# OTP-10: what is no code opens nothing.

setup_file() {
  load support/server
  export PLANTED_SECRETS="guess-pass"
  # The tries of a day are not what stops these.
  start_server --wrong-tries-per-day 0 --wrong-tries-per-code 0 --argon2-memory 8 --argon2-iterations 1
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; }

@test "with no code outstanding nothing passes for one: 40 values at every endpoint, before a send and after its use" {
  local numbers unknown used
  numbers=$(python3 "$support_directory/guesses.py" absent --base "$BASE" --spool "$SPOOL")
  read -r unknown used <<<"$numbers"
  equal 1 "$(messages)"
  equal 0 "$(sql "SELECT COUNT(*) FROM identity WHERE phone = '+86$unknown'")"
  equal 0 "$(sql "SELECT COUNT(*) FROM verification WHERE phone = '+86$unknown'")"
  equal 1 "$(sql "SELECT COUNT(*) FROM session s JOIN identity i ON i.uid = s.uid WHERE i.phone = '+86$used'")"
  equal 0 "$(sql "SELECT COUNT(*) FROM password")"
}
