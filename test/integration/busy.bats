# A queue that fills: sends are refused first, in each dialect's shape, and what was taken is answered.

setup_file() {
  load support/server
  # One job in work and eight places, six of them for sends.
  start_server --db-lanes 1 --db-batch 1 --db-queue 8 --db-lock-timeout 20
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; }

# hold_writes: nobody else writes from now on, until let_writes.
hold_writes() {
  mkfifo "$BATS_TEST_TMPDIR/words"
  case $SMSAUTHD_TEST_ENGINE in
    sqlite) sqlite3 -cmd '.timeout 5000' "$SERVER_HOME/smsauthd.db" ;;
    *) mariadb_client --unbuffered "$DATABASE_NAME" ;;
  esac <"$BATS_TEST_TMPDIR/words" >"$BATS_TEST_TMPDIR/held" 3>&- 4>&- &
  holder=$!
  exec 9>"$BATS_TEST_TMPDIR/words"
  case $SMSAUTHD_TEST_ENGINE in
    sqlite) printf '%s\n' 'BEGIN IMMEDIATE;' "SELECT 'held';" >&9 ;;
    *) printf '%s\n' 'LOCK TABLES verification WRITE;' "SELECT 'held';" >&9 ;;
  esac
  wait_until 10 grep -q held "$BATS_TEST_TMPDIR/held"
}
let_writes() {
  exec 9>&-
  wait "$holder"
}

waiting() { curl -sS "$ADMIN/metrics" | sed -nE 's/^smsauthd_lane_jobs\{lane="database"\} //p'; }
waits() { [ "$(waiting)" = "$1" ]; }

# Has the server taken so many requests? What it has not answered is in no log yet.
has_begun() { [ "$(curl -sS "$ADMIN/metrics" | sed -nE 's/^smsauthd_requests_in_flight //p')" = "$1" ]; }

# in_background NAME CURL-ARGUMENT…: its status goes to the file NAME.
in_background() {
  local name=$BATS_TEST_TMPDIR/$1
  shift
  curl -sS --max-time 20 -o "$name.body" -w '%{http_code}\n' "$@" >"$name" 3>&- 4>&- 9>&- &
  running+=($!)
}

json=(-H 'Content-Type: application/json' -d)
attributes() { printf '{"data":{"attributes":%s}}' "$1"; }

@test "with a full queue sends are refused in each dialect, checks still come in, and what was taken is answered" {
  local running=() refused i
  wait_until 10 waits 0
  hold_writes
  for i in {1..7}; do
    new_phone
    in_background "send$i" "$BASE/api/sms/send" "${json[@]}" "$(attributes "{\"mobile\":\"$phone\",\"type\":\"login\"}")"
    # One after the other: the first is in work, and none comes before there is a place for it.
    wait_until 5 waits $((i - 1))
    wait_until 5 has_begun "$i"
  done

  new_phone
  refused=$phone
  discuzq send "{\"mobile\":\"$refused\",\"type\":\"login\"}"
  expect_status 503
  expect_retry_after
  expect '.errors[0].code' '"service_unavailable"'
  post "/api/v4.0/sendsms/$refused" expect=0
  expect_status 503
  expect_retry_after
  expect .code -9
  post /api/Smssend/doSend mobile="$refused" type=3
  expect_status 503
  expect_retry_after
  expect .code 10090
  post /module/main/send_code phone="$refused" type=register
  expect_status 503
  expect_retry_after
  expect .status 0
  # Refused before it is read: otherwise this would be the dialect's word on the number.
  discuzq send '{"mobile":"1","type":"login"}'
  expect_status 503
  expect '.errors[0].code' '"service_unavailable"'

  in_background check "$BASE/api/sms/verify" "${json[@]}" "$(attributes "{\"mobile\":\"$refused\",\"code\":\"493021\",\"type\":\"login\"}")"
  wait_until 5 waits 7
  let_writes
  wait "${running[@]}"
  for i in {1..7}; do equal 201 "$(cat "$BATS_TEST_TMPDIR/send$i")"; done
  equal sms_verify_error "$(jq -r '.errors[0].code' "$BATS_TEST_TMPDIR/check.body")"
  equal 0 "$(messages_to "$refused")"
  equal 0 "$(sql "SELECT COUNT(*) FROM verification WHERE phone = '+86$refused'")"
  equal 7 "$(sql 'SELECT COUNT(*) FROM outbox')"
  discuzq send "{\"mobile\":\"$refused\",\"type\":\"login\"}"
  expect_status 201
}
