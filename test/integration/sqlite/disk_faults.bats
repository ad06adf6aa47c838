# A disk that is slow or fails under the write-ahead log: nobody is told "done" before it is on the disk (R-19).

setup_file() {
  load ../support/server
  export DISK_FAULTS=$BATS_FILE_TMPDIR/faults
  mkdir -p "$DISK_FAULTS/disk"
  cc -shared -fPIC -O1 -Wall -Wextra -Werror -o "$BATS_FILE_TMPDIR/disk_faults.so" "$support_directory/disk_faults.c" -ldl
  LD_PRELOAD=$BATS_FILE_TMPDIR/disk_faults.so start_server
}
teardown_file() { load ../support/server; end_server; }
setup() { load ../support/server; }
teardown() { rm -f "$DISK_FAULTS/hold" "$DISK_FAULTS/held" "$DISK_FAULTS/fail"; }

syncs() { curl -sS "$ADMIN/metrics" | sed -nE 's/^smsauthd_database_sync_seconds_count //p'; }

# send_in_background PHONE: its status goes to the file "answer".
send_in_background() {
  curl -sS --max-time 20 -o "$BATS_TEST_TMPDIR/body" -w '%{http_code}\n' -H 'Content-Type: application/json' \
    -d "{\"data\":{\"attributes\":{\"mobile\":\"$1\",\"type\":\"login\"}}}" "$BASE/api/sms/send" \
    >"$BATS_TEST_TMPDIR/answer" 3>&- 4>&- &
  sender=$!
}

ask() { discuzq send "{\"mobile\":\"$1\",\"type\":\"login\"}"; }

# is_served: a number's first send. In $phone.
is_served() {
  new_phone
  ask "$phone"
  expect_status 201
}

stored() { [ "$(sql "SELECT COUNT(*) FROM outbox WHERE phone = '+86$1'")" = 1 ]; }

@test "a send is answered, and its message sent, when the disk has it and not before" {
  local before
  new_phone
  ask "$phone"
  expect_status 201
  before=$(syncs)
  new_phone
  touch "$DISK_FAULTS/hold"
  send_in_background "$phone"
  wait_until 10 stored "$phone" # it is committed …
  wait_until 10 [ -e "$DISK_FAULTS/held" ]
  request "$ADMIN/readyz" # … and would be answered before this, if it waited for nothing
  [ ! -s "$BATS_TEST_TMPDIR/answer" ]
  equal 0 "$(messages_to "$phone")"
  equal "$before" "$(syncs)"
  rm "$DISK_FAULTS/hold"
  wait "$sender"
  equal 201 "$(cat "$BATS_TEST_TMPDIR/answer")"
  equal 1 "$(messages_to "$phone")"
  [ "$(syncs)" -gt "$before" ]
}

@test "while the disk fails writes are refused, nothing is sent, reading goes on, and it serves again by itself" {
  new_phone
  sign_in "$phone"
  touch "$DISK_FAULTS/fail"
  for _ in 1 2 3; do
    new_phone
    ask "$phone"
    expect_status 503
    expect_retry_after
    equal 0 "$(messages_to "$phone")"
  done
  # By us, or by SQLite within a COMMIT that starts the log again.
  wait_until 5 log_has "the write-ahead log could not be synced|kind=storage"
  token_is_good "$token"
  rm "$DISK_FAULTS/fail"
  wait_until 5 is_served
  equal 1 "$(messages_to "$phone")"
  equal ok "$(sql 'PRAGMA integrity_check')"
}

# lose_power: the process and everything that no sync has brought to the disk are gone; then it starts again.
lose_power() {
  kill_server
  rm -f "$SERVER_HOME/smsauthd.db-shm"
  cp "$DISK_FAULTS/disk/smsauthd.db" "$DISK_FAULTS/disk/smsauthd.db-wal" "$SERVER_HOME"
  LD_PRELOAD=$BATS_FILE_TMPDIR/disk_faults.so launch
  equal ok "$(sql 'PRAGMA integrity_check')"
}

@test "what was acknowledged is there when the power was lost" {
  new_phone
  ask "$phone"
  expect_status 201
  lose_power
  stored "$phone"
}

@test "what was acknowledged before and after the disk had failed is there when the power was lost" {
  local before lost
  new_phone
  before=$phone
  ask "$before"
  expect_status 201
  touch "$DISK_FAULTS/fail"
  new_phone
  lost=$phone
  ask "$lost"
  expect_status 503
  rm "$DISK_FAULTS/fail"
  sleep 2.5 # two ticks of the checkpoint thread, which must not take the lost pages for written
  new_phone
  ask "$phone"
  expect_status 201
  lose_power
  stored "$before"
  stored "$phone"
}

@test "the power lost right after the disk failed leaves what was acknowledged before" {
  new_phone
  ask "$phone"
  expect_status 201
  touch "$DISK_FAULTS/fail"
  local before=$phone
  new_phone
  ask "$phone"
  expect_status 503
  rm "$DISK_FAULTS/fail"
  sleep 2.5
  lose_power
  stored "$before"
}
